/* The plots of a report, each a whole SVG document: rivals, falls, detectors. */
#ifndef EXPERIMENTS_REPORT_PLOTS_H
#define EXPERIMENTS_REPORT_PLOTS_H

#include "experiments/report_comparison.h"
#include "experiments/report_detection.h"

/*
 * Accuracies without and with attack of all comparisons of a protocol, with intervals and what
 * copying has; a part a split. Appends nothing when there is none.
 */
void ex_plot_accuracies(const GPtrArray *comparisons, const char *protocol, GString *out);

/* What the network of the default variant loses in each seed, beside what copying loses. */
void ex_plot_falls(const GPtrArray *comparisons, GString *out);

/* ROC and precision-recall curve of one detector; those of the others of the unit behind it. */
void ex_plot_detector(const ex_detection *detection, enum ex_unit unit, guint i, GString *out);

/* All detectors of a unit in one picture. */
void ex_plot_detectors(const ex_detection *detection, enum ex_unit unit, GString *out);

#endif
