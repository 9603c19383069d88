create type gender as enum ('female', 'male', 'other');
create type plan as enum ('free', 'premium');
create type payment_method as enum ('card', 'carrier', 'store');
create type payment_status as enum ('paid', 'refunded', 'disputed');
create type section as enum ('politics', 'economy', 'world', 'sports', 'technology', 'culture', 'local');

create table users (
  id bigint primary key,
  public_id uuid not null,
  email text,
  name text not null,
  birth_year smallint,
  gender gender,
  prefecture text,
  plan plan not null,
  channel text not null,
  interests text[] not null,
  settings jsonb not null,
  signed_up_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
comment on column users.id is 'Number of the user';
comment on column users.public_id is 'Name of the user in addresses';
comment on column users.email is 'Where mail goes; none for phone-only accounts';
comment on column users.name is 'As the user wrote it';
comment on column users.birth_year is 'As the user told it';
comment on column users.gender is 'female, male, other, or not told';
comment on column users.prefecture is 'Where the user lives';
comment on column users.plan is 'free or premium, today';
comment on column users.channel is 'The acquisition channel that brought the user';
comment on column users.interests is 'Sections that the user chose';
comment on column users.settings is 'Settings of the app as JSON';
comment on column users.signed_up_at is 'When the account was made, UTC';
comment on column users.updated_at is 'Last change of this row, UTC';
comment on column users.deleted_at is 'When the account was closed, UTC';

create table plan_changes (
  id bigint primary key,
  user_id bigint not null,
  old_plan plan,
  new_plan plan not null,
  monthly_jpy numeric(10, 2) not null,
  changed_at timestamptz not null
);
comment on column plan_changes.id is 'Number of the change';
comment on column plan_changes.user_id is 'Whose plan changed';
comment on column plan_changes.old_plan is 'Before; none at sign-up';
comment on column plan_changes.new_plan is 'After';
comment on column plan_changes.monthly_jpy is 'Price of the new plan';
comment on column plan_changes.changed_at is 'When it changed, UTC';

create table payments (
  id bigint primary key,
  user_id bigint not null,
  method payment_method not null,
  amount_jpy numeric(12, 2) not null,
  refunded_jpy numeric(12, 2),
  status payment_status not null,
  paid_at timestamptz not null,
  updated_at timestamptz not null
);
comment on column payments.id is 'Number of the payment';
comment on column payments.user_id is 'Who paid';
comment on column payments.method is 'card, carrier or store';
comment on column payments.amount_jpy is 'What was paid';
comment on column payments.refunded_jpy is 'What was paid back later; none if nothing';
comment on column payments.status is 'paid, refunded or disputed';
comment on column payments.paid_at is 'When it was paid, UTC';
comment on column payments.updated_at is 'Last change of this row, UTC';

create table articles (
  id bigint primary key,
  public_id uuid not null,
  author_id bigint,
  section section not null,
  title text not null,
  language text not null,
  tags text[] not null,
  word_count integer not null,
  premium boolean not null,
  cost_jpy numeric(12, 2),
  meta jsonb not null,
  published_at timestamptz not null,
  updated_at timestamptz not null
);
comment on column articles.id is 'Number of the article';
comment on column articles.public_id is 'Name of the article in addresses';
comment on column articles.author_id is 'Who wrote it; none for agency copy';
comment on column articles.section is 'politics, economy, world, sports, technology, culture or local';
comment on column articles.title is 'Headline, Japanese or English';
comment on column articles.language is 'ja or en';
comment on column articles.tags is 'Words that the desk gave it';
comment on column articles.word_count is 'Length of the text';
comment on column articles.premium is 'Only for premium readers';
comment on column articles.cost_jpy is 'What the article cost to make; none for agency copy';
comment on column articles.meta is 'What the editing tools keep as JSON';
comment on column articles.published_at is 'When readers could see it, UTC';
comment on column articles.updated_at is 'Last change of this row, UTC';

create table authors (
  id bigint primary key,
  name text not null,
  email text,
  languages text[] not null,
  joined_on date not null
);
comment on column authors.id is 'Number of the author';
comment on column authors.name is 'Byline';
comment on column authors.email is 'Where the desk reaches the author';
comment on column authors.languages is 'Languages that the author writes in';
comment on column authors.joined_on is 'First working day';
