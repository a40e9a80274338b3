/* SPDX-License-Identifier: BSD-2-Clause */
/* The work with ns-3's internet stack over a channel that costs as little as one can. */
#include "beside.h"

#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/traffic-control-module.h"

using namespace ns3;

namespace {

enum { PORT = 80 };

class connections {
public:
    connections(const struct work &w) : work(w) {}

    void listen(Ptr<Node> node)
    {
        server = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
        server->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
        server->Listen();
        server->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
                                  MakeCallback(&connections::accepted, this));
    }

    /* Opens the next connection, and sees to the one after it. */
    void open(Ptr<Node> node, Ipv4Address to)
    {
        Ptr<Socket> client = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
        client->SetConnectCallback(MakeCallback(&connections::established, this),
                                   MakeNullCallback<void, Ptr<Socket>>());
        client->Connect(InetSocketAddress(to, PORT));
        if (++opened < work.connections)
            Simulator::Schedule(Seconds(1 / work.rate), &connections::open, this, node, to);
    }

    unsigned done = 0;

private:
    void established(Ptr<Socket> client)
    {
        if (work.held)
            done++;
        else
            client->Close();
    }

    void accepted(Ptr<Socket> socket, const Address &)
    {
        socket->SetCloseCallbacks(MakeCallback(&connections::peer_closed, this),
                                  MakeNullCallback<void, Ptr<Socket>>());
    }

    void peer_closed(Ptr<Socket> socket)
    {
        done++;
        socket->Close();
    }

    const struct work &work;
    Ptr<Socket> server;
    unsigned opened = 0;
};

/* Two nodes, a channel with a delay and no rate; no queue disciplines, no addresses to be resolved. */
Ipv4Address connect(const NodeContainer &nodes)
{
    SimpleNetDeviceHelper link;
    link.SetNetDevicePointToPointMode(true);
    link.SetChannel("ns3::SimpleChannel", "Delay", TimeValue(MilliSeconds(10)));
    NetDeviceContainer devices = link.Install(nodes);
    InternetStackHelper().Install(nodes);
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    TrafficControlHelper().Uninstall(devices);
    return interfaces.GetAddress(1);
}

} // namespace

struct outcome with_ns3(const struct work &w)
{
    /* As synfin's: the first SYN is repeated after 1 s, TIME-WAIT lasts 60 s. */
    Config::SetDefault("ns3::TcpSocket::ConnTimeout", TimeValue(Seconds(1)));
    Config::SetDefault("ns3::TcpSocketBase::MaxSegLifetime", DoubleValue(30));
    NodeContainer nodes(2);
    Ipv4Address to = connect(nodes);
    connections all(w);
    all.listen(nodes.Get(1));
    Simulator::Schedule(Seconds(0), &connections::open, &all, nodes.Get(0), to);
    Simulator::Stop(Seconds(end_s(w))); /* now and then a FIN of ns-3 3.37 is repeated for ever */

    struct usage before = usage_now();
    Simulator::Run();
    struct usage after = usage_now();
    Simulator::Destroy();
    return {all.done, after.cpu_s - before.cpu_s, (after.resident_bytes - before.resident_bytes) / w.connections};
}
