"""Geospatial functions, of which DuckDB has some in an extension that is downloaded at run time: all are refused."""

from __future__ import annotations

from transforms.dialect.rules import family, refuse

family("Geospatial")

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
for _name in (
    *("to_spherical_geography", "to_geometry", "to_geojson_geometry", "from_geojson_geometry", "simplify_geometry"),
    *("geometry_union", "geometry_union_agg", "convex_hull_agg", "geometry_from_hadoop_shape"),
    *("geometry_invalid_reason", "geometry_nearest_points", "geometry_to_bing_tiles", "bing_tile", "bing_tile_at"),
    *("bing_tile_coordinates", "bing_tile_polygon", "bing_tile_quadkey", "bing_tile_zoom_level", "bing_tiles_around"),
    *("line_interpolate_point", "line_interpolate_points", "line_locate_point"),
    *("from_encoded_polyline", "to_encoded_polyline"),
):
    refuse(_name, _WHY, "run this on Athena")
