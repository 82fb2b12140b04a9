-- One line per kind of event: if these agree between two databases, so do their events. The sums
-- tell NULL from 0 by counting; times are whole nanoseconds, so that their sum has no rounding.
SELECT lower(op), layer, nullif(reason, '') AS why, ptype, count(*),
    sum(line), sum(CAST(round(time * 1e9) AS INTEGER)), sum(node), sum(uid), sum(size),
    sum(mac_duration), sum(mac_dst), sum(mac_src), sum(mac_type),
    count(nullif(src, '')), sum(nullif(src, '')), sum(nullif(sport, '')), sum(nullif(dst, '')),
    sum(nullif(dport, '')), sum(nullif(ttl, '')), sum(nullif(next_hop, '')),
    count(nullif(seq, '')), sum(nullif(seq, ''))
FROM event GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
