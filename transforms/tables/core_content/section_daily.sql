/*
description: Views, reads and reading time per section and day.
owner: content
partition: day
key: [day, section]
checks:
  - at_least: {views: 0}
  - at_most: {read_rate: 10}
*/
select
  a.section,                                                -- Section of the app
  sum(d.views) as views,                                    -- Times that its articles were opened
  sum(d.reads) as reads,                                    -- Times that they were read to the end
  sum(d.shares) as shares,                                  -- Times that they were shared
  sum(d.reads) / cast(nullif(sum(d.views), 0) as double) as read_rate,  -- Reads per view; none without views
  sum(d.read_ms) / 60000 as read_minutes,                   -- Whole minutes spent on them
  d.day                                                     -- Calendar day, JST
from core_content.article_daily d
join core_content.articles a on a.article_id = d.article_id
where d.day between :start and :end
group by d.day, a.section
