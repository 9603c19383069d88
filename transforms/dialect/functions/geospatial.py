"""Geospatial functions, of which DuckDB has some in an extension that is downloaded at run time: all are refused."""

from __future__ import annotations

from transforms.dialect.rules import refuse

_WHY = "geometry needs an extension of DuckDB that is downloaded at run time"
_SHAPES = (
    *("area", "asbinary", "astext", "boundary", "buffer", "centroid", "contains", "convexhull", "coorddim", "crosses"),
    *(
        "difference",
        "dimension",
        "disjoint",
        "distance",
        "endpoint",
        "envelope",
        "envelopeaspts",
        "equals",
        "exteriorring",
    ),
    *("geomfrombinary", "geomfromkml", "geometries", "geometryfromtext", "geometryn", "geometrytype", "interiorringn"),
    *("interiorrings", "intersection", "intersects", "isclosed", "isempty", "isring", "issimple", "isvalid", "length"),
    *("linefromtext", "linestring", "multipoint", "numgeometries", "numinteriorring", "numpoints", "overlaps", "point"),
    *(
        "pointn",
        "points",
        "polygon",
        "relate",
        "startpoint",
        "symdifference",
        "touches",
        "union",
        "within",
        "x",
        "xmax",
    ),
    *("xmin", "y", "ymax", "ymin"),
)
for _shape in _SHAPES:
    refuse(f"st_{_shape}", _WHY, "great_circle_distance(lat1, lon1, lat2, lon2) for distances, or run this on Athena")
for _name in ("to_spherical_geography", "geometry_union", "bing_tile", "bing_tile_at", "from_geojson_geometry"):
    refuse(_name, _WHY, "run this on Athena")
