{{ config(materialized='view') }}
select day, amount from {{ ref('daily') }} where amount > 60
