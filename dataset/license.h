/* How a dataset says under which licence it is. */
#ifndef DATASET_LICENSE_H
#define DATASET_LICENSE_H

#include <glib.h>

/* Whether it is a name for the field of that name in datapackage.json, or a URL; else USAGE. */
gboolean ds_license_check(const char *license, GError **error);

/* Whether it is a URL, or an SPDX identifier that data and programs are often published under. */
gboolean ds_license_is_common(const char *license);

#endif
