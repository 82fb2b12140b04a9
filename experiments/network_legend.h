/* What explains the picture of a network, below its map. */
#ifndef EXPERIMENTS_NETWORK_LEGEND_H
#define EXPERIMENTS_NETWORK_LEGEND_H

#include "experiments/network_layout.h"

/* Appends scale bar and legend, of what is in the picture; returns the height of the picture. */
double ex_put_legend(const ex_network *network, const ex_layout *layout, GString *out);

#endif
