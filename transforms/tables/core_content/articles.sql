/*
description: Every article with who wrote it.
owner: content
key: [article_id]
checks:
  - not_null: [section, title, published_at]
  - accepted: {language: [ja, en]}
  - at_least: {word_count: 0}
*/
select
  a.id as article_id,                                       -- Number of the article
  a.title,                                                  -- Headline, Japanese or English
  a.section,                                                -- Section of the app
  a.language,                                               -- ja or en
  a.premium,                                                -- Only for premium readers
  a.word_count,                                             -- Length of the text
  a.cost_jpy,                                               -- What the article cost to make; none for agency copy
  coalesce(w.name, 'agency') as author_name,                -- Byline; agency for copy that was bought
  a.author_id,                                              -- Who wrote it; none for agency copy
  cardinality(a.tags) as tag_count,                         -- How many tags the desk gave it
  array_join(array_sort(a.tags), ', ') as tags,             -- The tags in alphabetical order
  a.published_at,                                           -- When readers could see it, UTC
  date(a.published_at at time zone 'Asia/Tokyo') as published_on  -- The same as a calendar day, JST
from raw_content_db.articles a
left join raw_content_db.authors w on w.id = a.author_id
