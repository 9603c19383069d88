select max(u), count(distinct u) from (values uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59', uuid 'F2151fd2-7586-11e9-8f9e-2a86e4085a59', null) t(u);
select u from (values uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59', uuid 'F2151fd2-7586-11e9-8f9e-2a86e4085a59', null) t(u) order by u;
select u, count(*) from (values cast('f2151fd2-7586-11e9-8f9e-2a86e4085a59' as uuid), null, cast('F2151fd2-7586-11e9-8f9e-2a86e4085a59' as uuid)) t(u) group by u;
select min(u), max_by(n, u), approx_distinct(u), array_agg(u order by u desc), max(u, 2), arbitrary(u) from (values (cast('f2151fd2-7586-11e9-8f9e-2a86e4085a59' as uuid), 1), (null, 2)) t(u, n);
select try_cast(s as uuid), try(cast(s as uuid)) from (values 'f2151fd2-7586-11e9-8f9e-2a86e4085a59', 'x', null, '') t(s);
select cast(s as uuid) from (values 'f2151fd2-7586-11e9-8f9e-2a86e4085a59', 'x') t(s);
select a.u from (values cast('f2151fd2-7586-11e9-8f9e-2a86e4085a59' as uuid)) a(u) join (values cast('f2151FD2-7586-11e9-8f9e-2a86e4085a59' as uuid)) b(u) on a.u = b.u
