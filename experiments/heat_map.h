/* A table of numbers from 0 up as a picture: rows, columns, and a colour for each value. */
#ifndef EXPERIMENTS_HEAT_MAP_H
#define EXPERIMENTS_HEAT_MAP_H

#include <glib.h>

struct ex_heat_map {
    const char *title, *subtitle;
    const char *row_axis, *column_axis;       /* what rows and columns are; short */
    const char *quantity;                     /* what the values are, for the legend */
    const char *const *rows, *const *columns; /* [n_row], [n_column] labels */
    int n_row, n_column;                      /* at least 1 */
    int stride;                               /* values from a row to the next */
    const double *values;                     /* [n_row][stride], >= 0 */
};

/*
 * Appends an SVG document. Each cell says in a title, which a browser shows below the pointer, what
 * it is. Colours go from 0 to the greatest value, rounded up to tenths; the legend has both. The
 * same table gives the same bytes; the picture has no style sheet, no script and no ids.
 */
void ex_heat_map_put_svg(const struct ex_heat_map *map, GString *out);

#endif
