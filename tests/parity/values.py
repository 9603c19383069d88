"""Hard values of each type, as literals of Athena."""

from __future__ import annotations

VALUES: dict[str, tuple[str, ...]] = {
    "int": ("0", "1", "-1", "7", "2147483647", "-2147483648", "cast(null as integer)", "-7", "10", "3"),
    "big": (
        "bigint '0'",
        "9223372036854775807",
        "bigint '-5'",
        "cast(null as bigint)",
        "bigint '1000000007'",
        "-9223372036854775807 - 1",
        "bigint '12'",
    ),
    "tiny": ("tinyint '0'", "tinyint '127'", "tinyint '-128'", "tinyint '5'", "cast(null as tinyint)"),
    "small": ("smallint '0'", "smallint '32767'", "smallint '-32768'", "smallint '12'"),
    "double": (
        "0e0",
        "1.5",
        "-2.5",
        "0.1",
        "1e300",
        "-1e-300",
        "nan()",
        "infinity()",
        "-infinity()",
        "cast(null as double)",
        "2.675",
        "1234567.891",
    ),
    "real": ("real '1.5'", "real '0.1'", "real '-2.5'", "cast(null as real)", "real '16777216'"),
    "dec": (
        *("decimal '1.50'", "decimal '-0.07'", "decimal '0.00'", "decimal '123456789.123456789'", "decimal '2.5'"),
        *("cast(null as decimal(12,2))", "decimal '99999999999999999.99'", "decimal '-1'", "cast(10 as decimal(12,2))"),
    ),
    "wide": (
        "decimal '99999999999999999999999999999999999999'",
        "cast('1234567890123456789012345678.0123456789' as decimal(38,10))",
        "cast('-0.0000000001' as decimal(38,10))",
        "cast(7 as decimal(38,0))",
        "cast('-12345678901234567.89' as decimal(38,2))",
        "cast('3.3333333333' as decimal(20,10))",
        "cast(null as decimal(38,4))",
    ),
    "bool": ("true", "false", "cast(null as boolean)"),
    "str": (
        *(
            "''",
            "'a'",
            "'Hello World'",
            "'日本語テキスト'",
            "'𠮷野家 😀'",
            "cast(null as varchar)",
            "' pad '",
            "'a,b,,c'",
        ),
        *("'é'", "'x_y%z'", "'ABC abc 123'", "'it''s'", "'aaa'", "'tab\tnew\nline'", "'12.50'"),
    ),
    "short": ("''", "'a'", "','", "'l'", "'語'", "'😀'", "cast(null as varchar)", "'aa'", "' '"),
    "date": (
        *("date '2024-02-29'", "date '1970-01-01'", "date '2023-12-31'", "date '0001-01-01'", "date '9999-12-31'"),
        *("cast(null as date)", "date '2024-01-31'", "date '2021-01-03'", "date '1969-12-31'"),
    ),
    "ts": (
        *(
            "timestamp '2024-02-29 10:11:12.345'",
            "timestamp '1970-01-01 00:00:00.000'",
            "timestamp '1969-12-31 23:59:59.999'",
        ),
        *("timestamp '2023-12-31 23:59:59.000'", "cast(null as timestamp)", "timestamp '2024-03-10 09:30:00.001'"),
        *(
            "timestamp '2024-01-31 00:00:00.000'",
            "timestamp '0001-01-01 00:00:00.000'",
            "timestamp '9999-12-31 23:59:59.999'",
        ),
    ),
    "stamp": (
        *(
            "timestamp '2024-02-29 10:11:12.345'",
            "timestamp '1970-01-01 00:00:00.000'",
            "timestamp '1969-12-31 23:59:59.999'",
        ),
        *("timestamp '2023-12-31 23:59:59.000'", "cast(null as timestamp)", "timestamp '2024-03-10 07:30:00.001'"),
        *(
            "timestamp '2024-11-03 06:30:00.000'",
            "timestamp '1950-06-01 15:30:00.000'",
            "timestamp '1900-01-01 00:00:00.000'",
        ),
    ),
    "zoned": (
        *(
            "timestamp '2024-02-29 23:11:12.345' at time zone 'Asia/Tokyo'",
            "timestamp '2024-03-10 09:30:00.000' at time zone 'America/New_York'",
        ),
        *(
            "timestamp '2024-11-03 05:30:00.000' at time zone 'America/New_York'",
            "timestamp '2024-03-31 00:59:59.999' at time zone 'Europe/London'",
        ),
        *(
            "timestamp '2024-02-29 10:00:00.000 Asia/Tokyo'",
            "timestamp '2024-02-29 10:00:00.000 +05:30'",
            "timestamp '1950-06-01 12:00:00.000' at time zone 'Asia/Tokyo'",
        ),
        *(
            "timestamp '2024-02-29 10:00:00.000' at time zone 'UTC'",
            "from_unixtime(1709200000, 'Asia/Tokyo')",
            "from_unixtime(1709200000)",
        ),
    ),
    "ints": (
        "array[1,2,3]",
        "array[3,1,2,2]",
        "array[1]",
        "cast(array[] as array(integer))",
        "array[1,null,3]",
        "cast(null as array(integer))",
        "array[null,null,1]",
    ),
    "strs": (
        "array['a','b','c']",
        "array['b',null,'a']",
        "cast(array[] as array(varchar))",
        "array['日','😀','']",
        "cast(null as array(varchar))",
    ),
    "doubles": (
        *("array[1.5, -2.5]", "array[nan(), 1e0, null]", "array[nan(), 1.5, nan()]", "cast(array[] as array(double))"),
        *("array[nan()]", "cast(null as array(double))", "array[infinity(), 0.1, 0.1]"),
    ),
    "reals": (
        *(
            "array[real '1.5', real '-2.5']",
            "array[real 'NaN', real '0.1', null]",
            "array[real 'NaN', real '1', real '0.1']",
        ),
        "cast(array[] as array(real))",
    ),
    "rows": (
        *("array[row(1,'a'), row(2,'b')]", "array[row(1,'b'), row(1,'a'), row(1,'a')]", "array[row(2,'a'), null]"),
        *("array[row(2,'b'), row(1,cast(null as varchar(1)))]", "array[row(1,cast(null as varchar(1))), row(1,'a')]"),
        "cast(array[] as array(row(integer, varchar(1))))",
    ),
    "recs": (
        *(
            "cast(array[row(1,'a'), row(2,'b')] as array(row(id integer, name varchar)))",
            "cast(array[row(2,'b'), row(1,null), row(2,'c'), row(1,'d')] as array(row(id integer, name varchar)))",
        ),
        *(
            "cast(array[] as array(row(id integer, name varchar)))",
            "cast(null as array(row(id integer, name varchar)))",
        ),
    ),
    "row": (
        *("row(1, 'a')", "row(2, 'b')", "row(1, cast(null as varchar(1)))", "row(cast(null as integer), 'a')"),
        "cast(null as row(integer, varchar(1)))",
    ),
    "rec": (
        *("cast(row(1,'a') as row(x integer, y varchar))", "cast(row(1,null) as row(x integer, y varchar))"),
        *("cast(row(null,'b') as row(x integer, y varchar))", "cast(null as row(x integer, y varchar))"),
    ),
    "dates": ("array[date '2024-01-01', date '2024-02-29']", "array[date '2024-01-01', null]"),
    "map": (
        *(
            "map(array['a','b'], array[1,2])",
            "map(array['a'], array[cast(null as integer)])",
            "cast(map() as map(varchar, integer))",
        ),
        "cast(null as map(varchar, integer))",
    ),
    "json": (
        *(
            '\'{"a":1,"b":{"c":[1,2,{"d":"x"}]},"e":null}\'',
            "'[1,2,3]'",
            "'\"s\"'",
            '\'{"a":2.50,"b":1e5}\'',
            "'not json'",
            "''",
        ),
        *(
            "cast(null as varchar)",
            '\'{"a":true,"b":"日本\\n"}\'',
            '\' {"a" : [ 1 , {"k": 2} ] } \'',
            "'{\"a\":12345678901234567890}'",
        ),
    ),
    "url": (
        *(
            "'https://user:pw@example.com:8080/a/b%20c?x=1&y=%E3%81%82&z#frag'",
            "'http://example.com'",
            "'example.com/a?x=2'",
            "''",
        ),
        *(
            "cast(null as varchar)",
            "'not a url'",
            "'https://a.example.co.jp/path/?x=a+b&x=2&e='",
            "'mailto:a@b.c'",
            "'https://example.com/%zz'",
            "'/only/path?q=1'",
        ),
        *("'ftp://192.168.0.1/f'", "'https://例え.jp/パス?q=日本'"),
    ),
    "time": (
        *("time '10:11:12.345'", "time '00:00:00'", "time '23:59:59.999'", "time '12:30'", "cast(null as time)"),
        *("time '07:05:03.1'", "time '01:02:03.123456'"),
    ),
    "span": (
        *("interval '1' day", "interval '-3' hour", "interval '90' minute", "interval '45.678' second"),
        *("interval '1 02:03:04.567' day to second", "interval '36:30' hour to minute", "interval '1000' day"),
        "cast(null as interval day to second)",
    ),
    "months": (
        *("interval '1' month", "interval '-5' month", "interval '2' year", "interval '1-3' year to month"),
        "cast(null as interval year to month)",
    ),
    "micro": (
        *("timestamp '2024-02-29 10:11:12.123456'", "timestamp '1969-12-31 23:59:58.999500'"),
        *(
            "timestamp '2024-12-31 23:59:59.9996'",
            "timestamp '2024-01-01 00:00:00'",
            "timestamp '2024-06-15 13:05:09.07'",
        ),
    ),
    "far": (
        *("date '-0044-03-15'", "date '0000-02-29'", "date '10000-01-01'", "date '0999-12-31'", "date '2024-02-29'"),
        *("timestamp '-0001-03-04 05:06:07'", "timestamp '12024-02-29 10:11:12.5'", "timestamp '0001-01-01 00:00:00'"),
    ),
    "day_text": (
        *(
            "'2024-02-29'",
            "'2024-2-9'",
            "' 2024-02-29 '",
            "'2023-02-29'",
            "'24-02-29'",
            "'+2024-02-29'",
            "'-0044-03-15'",
        ),
        *("'12024-02-29'", "'2024-02'", "'2024/02/29'", "'2024-02-29 10:11'", "'2024-13-01'", "''", "'x'"),
        "cast(null as varchar)",
    ),
    "stamp_text": (
        *("'2024-02-29 10:11:12'", "'2024-02-29 10:11:12.3456'", "'2024-2-9 3:4:5'", "'2024-02-29'", "'2024-02-29 10'"),
        *("'2024-02-29T10:11:12'", "'2024-02-29 10:11:12 UTC'", "'2024-02-29 10:11:12+09:00'", "'-0001-01-01 00:00'"),
        *("'2024-02-29 10:11:12.345678901'", "'2024-03-10 02:30:00 America/New_York'", "'2024-02-29 24:00:00'"),
        *("'2024-02-29 10:11:12 JST'", "' 2024-02-29 10:11 '", "'10000-01-01 00:00:00'", "''", "cast(null as varchar)"),
    ),
    "time_text": (
        *(
            "'10:11:12'",
            "'10:11'",
            "'1:2:3'",
            "'10:11:12.3456'",
            "'24:00:00'",
            "' 10:11'",
            "'10:11 '",
            "'10:11:12 UTC'",
        ),
        *("'10'", "'x'", "cast(null as varchar)"),
    ),
    "iso": (
        *("'2024-02-29T10:11:12Z'", "'2024-02-29T10:11:12.345678+09:00'", "'2024-02-29T10:11'", "'2024-02-29T10.5'"),
        *("'2024-02'", "'2024-060'", "'2024-366'", "'2024-W09-4'", "'2020-W53-7'", "'2021-W53'", "'T10:11:12Z'"),
        *("'2024-2-9T1:2:3-0330'", "'2024-02-29T10:11:12,5'", "'2024-02-29Z'", "'2024-02-29T24:00:00'", "'20240229'"),
        *("'-0044-03-15'", "'2024-02-29 10:11:12'", "'2024-02-29T10:11:12+15:00'", "''", "cast(null as varchar)"),
    ),
    "zone": (
        *(
            "'Asia/Tokyo'",
            "'UTC'",
            "'+09:00'",
            "'-03:30'",
            "'+0900'",
            "'+09'",
            "'GMT+9'",
            "'Etc/GMT-9'",
            "'Z'",
            "'JST'",
        ),
        *("'EST'", "'utc'", "'asia/tokyo'", "'+9:00'", "'+15:00'", "'US/Pacific'", "'America/New_York'", "'Nowhere'"),
    ),
    "unit": ("'day'", "'week'", "'month'", "'quarter'", "'year'"),
    "fine": ("'millisecond'", "'second'", "'minute'", "'hour'", "'day'", "'week'", "'month'", "'quarter'", "'year'"),
    "n": ("0", "1", "2", "-1", "5", "cast(null as integer)", "-3", "100"),
    "pos": ("1", "2", "3", "7"),
}
