# A trace in the old wireless format, as scenario iot16 makes it -> the columns of event.sql.
#
# r 0.008021000 _15_ AGT  --- 0 cbr 1520 [13a 11 10 800] ------- [14:0 15:0 30 15] [0] 1 0

# mawk reads no hexadecimal numbers. There are few different ones, so each is worked out once.
function hex(digits,    i, value) {
    if (!(digits in known)) {
        for (i = 1; i <= length(digits); i++)
            value = value * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
        known[digits] = sprintf("%.0f", value)
    }
    return known[digits]
}

BEGIN { FS = "[][ :_]+"; OFS = "\t" }

{
    ip = NF > 13 && $7 != "ARP"
    print NR, $2, $1, $3, $4, $5 == "---" ? "" : $5, $6, $7, $8,
        hex($9), hex($10), hex($11), hex($12),
        ip ? $14 : "", ip ? $15 : "", ip ? $16 : "", ip ? $17 : "", ip ? $18 : "", ip ? $19 : "",
        ip && $7 != "AODV" ? $20 : ""
}
