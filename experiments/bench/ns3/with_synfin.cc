/* SPDX-License-Identifier: BSD-2-Clause */
/* The work as a scenario, run through libsynfin. */
#include "beside.h"

#include <memory>
#include <stdexcept>
#include <string>

#include <synfin/synfin.h>

namespace {

enum { SLICE = 1000 }; /* events between two looks at resident memory */

class settings_of_work {
public:
    settings_of_work(const struct work &w) : settings(synfin_settings_new())
    {
        std::string end = std::to_string(end_s(w)) + "s";
        set("hosts.client.profile", "linux");
        set("hosts.client.addresses", "64");
        set("hosts.server.profile", "linux");
        set("hosts.server.listen.port", "80");
        set("hosts.server.listen.backlog", "1000000");
        set("links.wan.both.delay.model", "constant");
        set("links.wan.both.delay.time", "10ms");
        set("workloads.load.from", "client");
        set("workloads.load.to", "server");
        set("workloads.load.over", "wan");
        set("workloads.load.protocol", "tcp");
        set("workloads.load.arrivals.model", "constant");
        set("workloads.load.arrivals.rate", std::to_string(w.rate) + "/s");
        set("workloads.load.connections", std::to_string(w.connections));
        set("workloads.load.close", w.held ? "none" : "client");
        set("stop", end);
    }
    ~settings_of_work() { synfin_settings_free(settings); }

    struct synfin_settings *settings;

private:
    void set(const char *path, const std::string &text)
    {
        struct synfin_error e;
        if (synfin_settings_set(settings, path, text.c_str(), 1, &e) != 0)
            throw std::runtime_error(std::string(path) + ": " + e.text);
    }
};

template <typename T> T *made(T *object, const struct synfin_error &e)
{
    if (!object)
        throw std::runtime_error(std::string(e.path) + ": " + e.text);
    return object;
}

} // namespace

struct outcome with_synfin(const struct work &w)
{
    struct synfin_error e = {};
    settings_of_work s(w);
    std::unique_ptr<synfin_registry, decltype(&synfin_registry_free)> registry(synfin_registry_new(),
                                                                               synfin_registry_free);
    std::unique_ptr<synfin_scenario, decltype(&synfin_scenario_free)> scenario(
        made(synfin_scenario_new(registry.get(), s.settings, nullptr, &e), e), synfin_scenario_free);
    std::unique_ptr<synfin_simulation, decltype(&synfin_simulation_free)> simulation(
        made(synfin_simulation_new(scenario.get(), 0, &e), e), synfin_simulation_free);

    struct usage before = usage_now();
    double most = before.resident_bytes;
    int more;
    while ((more = synfin_simulation_run(simulation.get(), w.held ? SLICE : 0, &e)) > 0) {
        double now = usage_now().resident_bytes;
        most = now > most ? now : most;
    }
    struct usage after = usage_now();
    const struct synfin_results *r = synfin_simulation_results(simulation.get());
    if (more < 0 || !r)
        throw std::runtime_error("out of memory");
    uint64_t done = w.held ? r->total.connections.open : r->total.connections.closed;
    return {static_cast<unsigned>(done), after.cpu_s - before.cpu_s, (most - before.resident_bytes) / w.connections};
}
