"""What Athena keeps beside executions: workgroups, named queries, prepared statements; and what it tells of Glue."""

from __future__ import annotations

from typing import Any

import pytest
from asking_athena import OUTPUT, Place
from botocore.exceptions import ClientError

pytestmark = pytest.mark.aws


def code(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_a_workgroup_says_where_results_go(place: Place) -> None:
    athena, group = place.athena, f"group-{place.database}"
    athena.create_work_group(
        Name=group,
        Description="of a test",
        Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/own/"}},
    )
    assert code(lambda: athena.create_work_group(Name=group)) == "InvalidRequestException"
    asked = place.ask("select 1", WorkGroup=group)
    assert asked.execution["ResultConfiguration"]["OutputLocation"].startswith("s3://results/own/")
    athena.update_work_group(WorkGroup=group, ConfigurationUpdates={"EnforceWorkGroupConfiguration": False})
    asked = place.ask("select 1", WorkGroup=group)
    assert asked.execution["ResultConfiguration"]["OutputLocation"].startswith(OUTPUT)
    removed = {"ResultConfigurationUpdates": {"RemoveOutputLocation": True}, "BytesScannedCutoffPerQuery": 10_000_000}
    athena.update_work_group(WorkGroup=group, ConfigurationUpdates=removed)
    found = athena.get_work_group(WorkGroup=group)["WorkGroup"]
    assert found["Configuration"]["ResultConfiguration"] == {}
    assert found["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    athena.update_work_group(WorkGroup=group, State="DISABLED")
    assert code(lambda: place.start("select 1", WorkGroup=group)) == "InvalidRequestException"
    names = [each["Name"] for each in athena.list_work_groups()["WorkGroups"]]
    assert names[0] == "primary"
    assert group in names
    athena.delete_work_group(WorkGroup=group, RecursiveDeleteOption=True)
    assert code(lambda: athena.get_work_group(WorkGroup=group)) == "InvalidRequestException"


def test_named_queries_are_kept(place: Place) -> None:
    athena = place.athena
    given = {"Name": "ones", "Database": place.database, "QueryString": "select 1"}
    id_ = athena.create_named_query(**given)["NamedQueryId"]
    assert given.items() <= athena.get_named_query(NamedQueryId=id_)["NamedQuery"].items()
    athena.update_named_query(NamedQueryId=id_, Name="twos", QueryString="select 2")
    assert id_ in athena.list_named_queries()["NamedQueryIds"]
    found = athena.batch_get_named_query(NamedQueryIds=[id_, "never"])
    assert [each["Name"] for each in found["NamedQueries"]] == ["twos"]
    assert [each["NamedQueryId"] for each in found["UnprocessedNamedQueryIds"]] == ["never"]
    athena.delete_named_query(NamedQueryId=id_)
    assert code(lambda: athena.get_named_query(NamedQueryId=id_)) == "InvalidRequestException"


def test_a_prepared_statement_is_executed_with_values(place: Place) -> None:
    athena, where = place.athena, {"WorkGroup": "primary", "StatementName": f"p_{place.database}"}
    name = where["StatementName"]
    athena.create_prepared_statement(**where, QueryStatement="select ? as a, ? as b")
    asked = place.ask(f"EXECUTE {name} USING 1, concat('x', ',')")
    assert (asked.rows, asked.execution["SubstatementType"]) == ([("1", "x,")], "SELECT")
    assert asked.execution["Query"].startswith("EXECUTE")
    assert place.rows(f"execute {name}", ExecutionParameters=["2", "'y'"]) == [("2", "y")]
    assert "expected 2 but found 1" in place.ask(f"EXECUTE {name} USING 1").error
    assert "expected 2 but found 0" in place.ask(f"EXECUTE {name}").error
    athena.update_prepared_statement(**where, QueryStatement="select 7 as n")
    assert place.rows(f"execute {name}") == [("7",)]
    listed = athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    assert name in [each["StatementName"] for each in listed]
    athena.delete_prepared_statement(**where)
    assert code(lambda: athena.get_prepared_statement(**where)) == "ResourceNotFoundException"


def test_statements_are_prepared_in_sql(place: Place) -> None:
    name = f"q_{place.database}"
    place.rows("create table t as select 1 as a")
    place.rows(f"PREPARE {name} FROM insert into t select ?")
    asked = place.ask(f"EXECUTE {name} USING 2")
    assert (asked.state, asked.execution["SubstatementType"]) == ("SUCCEEDED", "INSERT")
    assert place.rows("select a from t order by a") == [("1",), ("2",)]
    place.rows(f"DEALLOCATE PREPARE {name}")
    assert code(lambda: place.start(f"EXECUTE {name}")) == "ResourceNotFoundException"


def test_glues_tables_are_told(place: Place) -> None:
    athena, where = place.athena, {"CatalogName": "AwsDataCatalog", "DatabaseName": place.database}
    place.table("t", {"a": "int"}, {"day": "date"})
    place.rows("create view v as select 1 as n")
    assert [each["Name"] for each in athena.list_table_metadata(**where)["TableMetadataList"]] == ["t", "v"]
    matching = athena.list_table_metadata(**where, Expression="t.*")["TableMetadataList"]
    assert [each["Name"] for each in matching] == ["t"]
    found = athena.get_table_metadata(**where, TableName="T")["TableMetadata"]
    assert (found["Columns"], found["PartitionKeys"]) == (
        [{"Name": "a", "Type": "int"}],
        [{"Name": "day", "Type": "date"}],
    )
    assert found["Parameters"]["location"] == place.location("t")
    assert code(lambda: athena.get_table_metadata(**where, TableName="never")) == "MetadataException"
    pages = athena.get_paginator("list_databases").paginate(CatalogName="AwsDataCatalog")
    assert place.database in [each["Name"] for page in pages for each in page["DatabaseList"]]
    assert athena.get_database(**where)["Database"]["Name"] == place.database
    assert athena.list_data_catalogs()["DataCatalogsSummary"][0]["CatalogName"] == "AwsDataCatalog"
    assert athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"


def test_information_schema_is_glue(place: Place) -> None:
    place.table("t", {"a": "int", "s": "struct<x:string>"}, {"day": "date"})
    place.rows("create view v as select 'x' as n")
    here = f"table_schema = '{place.database}'"
    assert place.rows(f"select table_name, table_type from information_schema.tables where {here} order by 1") == [
        ("t", "BASE TABLE"),
        ("v", "VIEW"),
    ]
    sql = "select column_name, ordinal_position, data_type, extra_info from awsdatacatalog.information_schema.columns"
    assert place.rows(f"{sql} where {here} and table_name = 't' order by ordinal_position") == [
        ("a", "1", "integer", None),
        ("s", "2", "row(x varchar)", None),
        ("day", "3", "date", "partition key"),
    ]
    assert place.rows(f"select view_definition from information_schema.views where {here}") == [("select 'x' as n",)]
    found = place.rows("select schema_name from information_schema.schemata")
    assert {(place.database,), ("information_schema",)} <= set(found)
