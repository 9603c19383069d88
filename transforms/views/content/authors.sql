/*
description: What each author's articles brought until now.
owner: content
*/
select
  a.author_name,                                            -- Byline; agency for copy that was bought
  count(distinct a.article_id) as articles,                 -- Articles that were shown or opened
  sum(d.views) as views,                                    -- Times that these were opened
  sum(d.reads) as reads,                                    -- Times that they were read to the end
  sum(d.read_ms) / 3600000 as read_hours,                   -- Whole hours spent on them
  sum(d.reads) / cast(nullif(sum(d.views), 0) as double) as read_rate  -- Reads per view; none without views
from core_content.articles a
join core_content.article_daily d on d.article_id = a.article_id
group by a.author_name
