{{ config(materialized='incremental', incremental_strategy='append', partitioned_by=['day']) }}
select id, day from {{ ref('orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
