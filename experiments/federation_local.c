/* A federation within one process. */
#include "experiments/federation_transport.h"

const char ex_no_session[] = "00000000000000000000000000000000";

struct local {
    ex_transport transport;
    ex_client *const *clients;
};

static gboolean ask(ex_transport *transport, GBytes *question, const gboolean *asked, gboolean all,
                    GBytes **answers, GError **error)
{
    (void)all;
    const struct local *local = (struct local *)transport;
    g_autoptr(ex_message) message = ex_message_decode(question, error);
    if (!message)
        return FALSE;
    for (int k = 0; k < transport->n_client; k++)
        if (asked[k] && !(answers[k] = ex_client_answer(local->clients[k], message, error)))
            return FALSE;
    return TRUE;
}

static void close_local(ex_transport *transport, gboolean done)
{
    (void)done;
    g_free(transport);
}

ex_transport *ex_local_transport_new(ex_client *const *clients, const int *gateways, int n_client)
{
    static const struct ex_transport_class class = {ask, close_local};
    struct local *local = g_new0(struct local, 1);
    local->transport = (ex_transport){.class = &class,
                                      .session = ex_no_session,
                                      .n_client = n_client,
                                      .gateways = gateways};
    local->clients = clients;
    return &local->transport;
}
