/*
description: The articles of a day, best read first.
owner: content
*/
select
  d.day,                                                    -- Calendar day, JST
  rank() over (partition by d.day order by d.reads desc, d.views desc, d.article_id) as place,  -- 1 is the best read article of the day
  d.article_id,                                             -- Number of the article
  a.title,                                                  -- Headline
  a.section,                                                -- Section of the app
  a.author_name,                                            -- Byline; agency for copy that was bought
  d.shown,                                                  -- Times that it stood in a feed
  d.views,                                                  -- Times that it was opened
  d.reads,                                                  -- Times that it was read to the end
  d.shares,                                                 -- Times that it was shared
  d.views / cast(nullif(d.shown, 0) as double) as open_rate  -- Views per time shown; none if never shown
from core_content.article_daily d
join core_content.articles a on a.article_id = d.article_id
