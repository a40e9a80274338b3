#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# HOLDS(MUST-2)
# tshark reads what --pcap writes without a complaint: checksums, lengths, options; every segment and every duplicate.
. "${top_srcdir:?run it by make check}/tests/command.sh"

if ! command -v tshark >/dev/null; then
    echo 'tshark is missing (Debian: tshark)'
    skipped=1
    finish pcap_tshark
fi
cat >a.yaml <<'END'
hosts:
  client: {addresses: 4, profile: linux}
  server: {profile: rfc9293, listen: [{port: 80}, {port: 53, protocol: udp}]}
links:
  # corrupted last of all: what is lost after that may have been written already
  access:
    both: {loss: {model: bernoulli, p: 4%}, delay: {model: constant, time: 2ms}}
    backward: {corrupt: {model: bernoulli, p: 3%}}
  wan:
    both:
      queue: {model: droptail, rate: 100Mbit/s, limit: 20}
      loss: {model: bernoulli, p: 3%}
      duplicate: {model: bernoulli, p: 5%}
      delay: {model: uniform, time: 10ms, jitter: 5ms}
    forward: {corrupt: {model: bernoulli, p: 3%}}
workloads:
  web: {from: client, to: server, port: 80, over: [access, wan], arrivals: {model: poisson, rate: 500/s}, connections: 300,
    request: 300B, response: 20KB, close: server}
  names: {from: client, to: server, port: 53, protocol: udp, over: wan, arrivals: {model: poisson, rate: 500/s},
    connections: 300, request: 40B, response: 4KB}
  refused: {from: client, to: server, port: 81, over: wan, arrivals: {model: poisson, rate: 50/s}, connections: 30}
END

runs 0 "$SYNFIN" run a.yaml -q --pcap a.pcapng --trace a.csv
read_packets()
{
    tshark -r a.pcapng -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE "$@" 2>"$work/err"
}
count()
{
    read_packets -Y "$1" | wc -l
}
rows()
{
    grep -c ",$1," a.csv
}

read_packets >"$work/out"
is 'each segment and each duplicate is there' [ "$(wc -l <"$work/out")" -eq $(($(rows sent) + $(rows duplicated))) ]
is 'nothing is malformed' [ "$(count _ws.malformed)" -eq 0 ]
is 'no IPv4 checksum is bad' [ "$(count 'ip && ip.checksum.status != 1')" -eq 0 ]
is 'no TCP checksum is bad' [ "$(count 'tcp && tcp.checksum.status != 1')" -eq 0 ]
is 'no UDP checksum is bad' [ "$(count 'udp && udp.checksum.status != 1')" -eq 0 ]
is 'there is TCP and UDP' [ "$(count tcp)" -gt 0 -a "$(count udp)" -gt 0 ]
is 'no error of any protocol' [ "$(count '_ws.expert.severity == error')" -eq 0 ]
is 'SYNs have all options' [ "$(count 'tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.options.mss_val == 1460 &&
    tcp.options.sack_perm && tcp.options.timestamp.tsecr == 0 && tcp.options.wscale.shift')" -eq \
    "$(count 'tcp.flags.syn == 1 && tcp.flags.ack == 0')" ]
for word in lost dropped corrupted; do
    is "$word segments say so" [ "$(count "frame.comment contains \"$word by links.\"")" -eq "$(rows $word)" ]
done
is 'duplicates say so' [ "$(count 'frame.comment contains "copy made by links.wan."')" -eq "$(rows duplicated)" ]
is 'a comment names link, direction, stage and model' \
    [ "$(count 'frame.comment == "lost by links.access.forward loss bernoulli"')" -gt 0 ]

# Instants are the trace's, to the nanosecond, and packets stand in their order.
read_packets -T fields -e frame.time_epoch -Y '!(frame.comment contains "copy made")' | tr -d . | sed 's/^0*//' >found.txt
grep ',sent,' a.csv | cut -d, -f1 >wanted.txt
is 'times are those of sending' cmp -s found.txt wanted.txt
finish pcap_tshark
