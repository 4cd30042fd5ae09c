-- The demo shop: an ordinary business database. Nothing in it knows of Sheetflow.
create table customers (
  id      bigint generated always as identity primary key,
  name    text not null,
  country text not null,
  tenant  integer not null
);

create table products (
  id    bigint generated always as identity primary key,
  name  text not null,
  price numeric(10, 2) not null
);

create table orders (
  id          bigint generated always as identity primary key,
  customer_id bigint not null references customers,
  status      text not null default 'open' check (status in ('open', 'paid', 'shipped', 'cancelled')),
  total       numeric(12, 2) not null default 0,
  placed_at   timestamptz not null default now(),
  tenant      integer not null
);

create table order_lines (
  order_id   bigint not null references orders on delete cascade,
  line       integer not null,
  product_id bigint not null references products,
  quantity   integer not null,
  price      numeric(10, 2) not null,
  primary key (order_id, line)
);

create index on orders (status);
