#include "dataset/license.h"

#include "tracegen/error.h"
#include <string.h>

gboolean ds_license_check(const char *license, GError **error)
{
    gboolean fine = *license, url = strstr(license, "://") != NULL;
    for (const char *c = license; fine && *c; c++)
        fine = url ? g_ascii_isgraph(*c) : g_ascii_isalnum(*c) || strchr("-._", *c);
    if (!fine)
        g_set_error(error, TG_ERROR, TG_ERROR_USAGE,
                    "--license '%s' is neither an identifier such as CC-BY-4.0 nor a URL", license);
    return fine;
}

gboolean ds_license_is_common(const char *license)
{
    static const char *const common[] = {"CC0-1.0",
                                         "CC-BY-3.0",
                                         "CC-BY-4.0",
                                         "CC-BY-SA-3.0",
                                         "CC-BY-SA-4.0",
                                         "CC-BY-NC-4.0",
                                         "CC-BY-NC-SA-4.0",
                                         "CC-BY-ND-4.0",
                                         "CC-BY-NC-ND-4.0",
                                         "ODbL-1.0",
                                         "ODC-By-1.0",
                                         "PDDL-1.0",
                                         "CDLA-Permissive-1.0",
                                         "CDLA-Permissive-2.0",
                                         "CDLA-Sharing-1.0",
                                         "MIT",
                                         "MIT-0",
                                         "ISC",
                                         "0BSD",
                                         "BSD-2-Clause",
                                         "BSD-3-Clause",
                                         "Apache-2.0",
                                         "MPL-2.0",
                                         "EUPL-1.2",
                                         "GPL-2.0-only",
                                         "GPL-2.0-or-later",
                                         "GPL-3.0-only",
                                         "GPL-3.0-or-later",
                                         "LGPL-3.0-or-later",
                                         "AGPL-3.0-or-later",
                                         "Unlicense",
                                         NULL};
    return strstr(license, "://") || g_strv_contains(common, license);
}
