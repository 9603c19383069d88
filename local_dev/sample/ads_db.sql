create schema billing;
create type campaign_objective as enum ('awareness', 'traffic', 'sales');
create type campaign_status as enum ('draft', 'running', 'paused', 'ended');
create type creative_format as enum ('banner', 'native', 'video');
create type billing.transaction_kind as enum ('click', 'impression', 'refund');
create type billing.transaction_status as enum ('settled', 'void');

create table advertisers (
  id bigint primary key,
  name text not null,
  industry text not null,
  contact_email text,
  credit_limit_jpy numeric(14, 2),
  created_at timestamptz not null
);
comment on column advertisers.id is 'Number of the advertiser';
comment on column advertisers.name is 'Name of the company';
comment on column advertisers.industry is 'What it sells';
comment on column advertisers.contact_email is 'Who gets the bill';
comment on column advertisers.credit_limit_jpy is 'How much may stay unpaid; none if paid ahead';
comment on column advertisers.created_at is 'When it became a customer, UTC';

create table campaigns (
  id bigint primary key,
  advertiser_id bigint not null,
  name text not null,
  objective campaign_objective not null,
  status campaign_status not null,
  budget_jpy numeric(14, 2) not null,
  daily_cap_jpy numeric(14, 2),
  starts_on date not null,
  ends_on date,
  sections text[] not null,
  targeting jsonb not null,
  created_at timestamptz not null
);
comment on column campaigns.id is 'Number of the campaign';
comment on column campaigns.advertiser_id is 'Who pays';
comment on column campaigns.name is 'As the advertiser wrote it';
comment on column campaigns.objective is 'awareness, traffic or sales';
comment on column campaigns.status is 'draft, running, paused or ended';
comment on column campaigns.budget_jpy is 'For the whole campaign';
comment on column campaigns.daily_cap_jpy is 'At most this a day; none for no cap';
comment on column campaigns.starts_on is 'First day, JST';
comment on column campaigns.ends_on is 'Last day, JST; none while open';
comment on column campaigns.sections is 'Sections beside which it runs';
comment on column campaigns.targeting is 'Whom it is shown to as JSON';
comment on column campaigns.created_at is 'When it was booked, UTC';

create table creatives (
  id bigint primary key,
  campaign_id bigint not null,
  format creative_format not null,
  headline text not null,
  width_px integer,
  height_px integer
);
comment on column creatives.id is 'Number of the creative';
comment on column creatives.campaign_id is 'Campaign that it belongs to';
comment on column creatives.format is 'banner, native or video';
comment on column creatives.headline is 'What it says';
comment on column creatives.width_px is 'Width; none for native';
comment on column creatives.height_px is 'Height; none for native';

create table billing.transactions (
  id bigint primary key,
  campaign_id bigint not null,
  kind billing.transaction_kind not null,
  click_id text,
  refund_of bigint,
  quantity integer not null,
  amount_jpy numeric(14, 4) not null,
  status billing.transaction_status not null,
  note text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
comment on column billing.transactions.id is 'Number of the transaction';
comment on column billing.transactions.campaign_id is 'Campaign that is billed';
comment on column billing.transactions.kind is 'click, impression or refund';
comment on column billing.transactions.click_id is 'The click that is billed; none for impressions';
comment on column billing.transactions.refund_of is 'The transaction that is paid back';
comment on column billing.transactions.quantity is 'Clicks or impressions billed';
comment on column billing.transactions.amount_jpy is 'Negative for refunds';
comment on column billing.transactions.status is 'settled or void; void ones were never billed';
comment on column billing.transactions.note is 'Why it was paid back';
comment on column billing.transactions.created_at is 'When it was booked, UTC';
comment on column billing.transactions.updated_at is 'Last change of this row, UTC';
