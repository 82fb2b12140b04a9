/* Scores from outside: the file in which a person's own detector says what it found. */
#ifndef EXPERIMENTS_SCORE_FILE_H
#define EXPERIMENTS_SCORE_FILE_H

#include "experiments/detection.h"

/*
 * Reads a CSV file whose first line names its columns, in any order: run, src, dst, score, and
 * perhaps window (empty or -1: the whole run, as without the column). run is a run_id, the name of
 * the folder that the trace was in, or the first six or more digits of the SHA-256 of the trace.
 * Fields may be quoted as in RFC 4180, without line ends in them.
 *
 * The scores go to the places of their candidates [n], sorted; the others stay NAN. TG_ERROR_DATA,
 * with file and line, for whatever is wrong: a score that is no finite number, a run that is not
 * tested, a pair that is no candidate, a second score for one. TG_ERROR_SYSTEM when the file cannot
 * be read.
 */
gboolean ex_score_file_read(const char *path, const ex_task *task,
                            const struct ex_candidate *candidates, int n, double *scores,
                            GError **error);

#endif
