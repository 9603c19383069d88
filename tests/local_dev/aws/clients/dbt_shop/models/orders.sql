{{ config(materialized='table') }}
select o.id, o.amount, c.name as country, o.day
from (
  values (1, 100, 'JP', date '2024-05-01'), (2, 50, 'US', date '2024-05-02')
  {% if var('later', false) %}, (3, 70, 'JP', date '2024-05-02'), (4, 5, 'US', date '2024-05-03') {% endif %}
) as o (id, amount, code, day)
join {{ ref('countries') }} as c on c.code = o.code
