/*
 * Figures 2 and 3. Figure 2 is drawn here (network.h), Figure 3 by gnuplot with a script of this
 * room (figure3.gp), which is kept beside its data so that anyone can redraw.
 */
#ifndef EXPERIMENTS_FIGURE_H
#define EXPERIMENTS_FIGURE_H

#include "experiments/network.h"
#include "experiments/report_data.h"

/*
 * Figure 2a (attack FALSE) and 2b (TRUE): the network of the run of lowest seed among the runs of
 * the group's pair sets. NULL and TG_ERROR_NO when the store holds no such run with positions of
 * nodes. Caller frees.
 */
ex_network *ex_figure2_network(ds_store *store, const char *plan, const struct ex_group *group,
                               gboolean attack, gint64 *run_id, GError **error);

/*
 * Figure 3: the losses (nats a word) of the group's models of lowest seed, without and with
 * attack. Appends the data file to out. FALSE and TG_ERROR_NO when neither has any.
 */
gboolean ex_figure3_data(ds_store *store, const struct ex_group *group, GString *out,
                         GError **error);

/* The text of a script, from the program itself. Caller unrefs; NULL on error. */
GBytes *ex_figure_script(const char *script, GError **error);

/*
 * Runs `gnuplot -c SCRIPT FIGURE` in directory, where SCRIPT and FIGURE.dat are, and returns the
 * SVG that it prints. Caller frees. NULL and TG_ERROR_SYSTEM when gnuplot is missing or fails.
 */
char *ex_figure_draw(const char *directory, const char *script, const char *figure, GError **error);

#endif
