/* SPDX-License-Identifier: BSD-2-Clause */
/* dladdr is GNU's. */
#define _GNU_SOURCE 1
#include "scenario_inputs.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenario.h"
#include "sha256.h"

struct visit {
    const struct scenario_file *file;
    scenario_input *input;
    void *user;
};

static int cannot_read(const char *path)
{
    fprintf(stderr, "%s: error: the file cannot be read: %s; a sweep keeps its digest\n", path, strerror(errno));
    return -1;
}

/* The digest of a file's bytes; one that is no regular file cannot be read twice and has none: 1. 0 or -1. */
static int digest_of(const char *path, char digest[65])
{
    struct stat status;
    if (stat(path, &status) != 0)
        return cannot_read(path);
    if (!S_ISREG(status.st_mode))
        return 1;
    size_t size = (size_t)status.st_size;
    char *bytes = malloc(size + 1);
    FILE *in = bytes ? fopen(path, "r") : NULL;
    bool whole = in && fread(bytes, 1, size, in) == size;
    if (whole)
        sha256_hex(bytes, size, digest);
    else
        cannot_read(path);
    if (in)
        fclose(in);
    free(bytes);
    return whole ? 0 : -1;
}

/* `path` is below the scenario file's folder, unless it is absolute. */
static int tell(const struct visit *v, const char *path)
{
    size_t folder = strlen(v->file->folder);
    bool below = strncmp(path, v->file->folder, folder) == 0 && path[folder] == '/';
    char digest[65];
    int status = digest_of(path, digest);
    return status == 0 ? v->input(v->user, below ? path + folder + 1 : path, digest) : status > 0 ? 0 : -1;
}

static int visit_table(const struct visit *v, const struct synfin_param *params, const void *config)
{
    for (const struct synfin_param *p = params; config && p && p->name; p++) {
        const char *path;
        if (p->quantity != SYNFIN_FILE)
            continue;
        memcpy(&path, (const char *)config + p->offset, sizeof path);
        if (path && tell(v, path) != 0)
            return -1;
    }
    return 0;
}

/* The plugin that a model or a protocol comes from, by its name without folders; what is built in comes from none. */
static int tell_plugin(const struct visit *v, const void *described)
{
    Dl_info of, built_in;
    char digest[65];
    if (!dladdr(described, &of) || !dladdr(synfin_registry_model(v->file->registry, 0), &built_in) ||
        of.dli_fbase == built_in.dli_fbase)
        return 0;
    const char *slash = strrchr(of.dli_fname, '/');
    int status = digest_of(of.dli_fname, digest);
    return status == 0 ? v->input(v->user, slash ? slash + 1 : of.dli_fname, digest) : status > 0 ? 0 : -1;
}

static int visit_model(const struct visit *v, const struct scenario_model *m)
{
    return visit_table(v, m->model->params, m->config) != 0 ? -1 : tell_plugin(v, m->model);
}

static int visit_scenario(const struct visit *v, const struct synfin_scenario *scenario)
{
    int bad = 0;
    for (size_t i = 0; i < scenario->links; i++) {
        for (size_t j = 0; j < 2 * SYNFIN_LINK_STAGES; j++) {
            const struct scenario_stage *stage = &scenario->link[i].stage[j % 2][j / 2];
            for (size_t k = 0; k < stage->models && !bad; k++)
                bad = visit_model(v, &stage->model[k]);
        }
    }
    for (size_t i = 0; i < scenario->workloads && !bad; i++) {
        const struct scenario_workload *w = &scenario->workload[i];
        bad = visit_model(v, &w->arrivals) != 0 ||
              tell_plugin(v, synfin_registry_protocol(scenario->registry, w->protocol)) != 0;
    }
    return bad;
}

static int visit_point(const struct visit *v, size_t point)
{
    struct synfin_scenario *scenario = scenario_file_scenario(v->file, point);
    if (!scenario)
        return -1;
    int status = visit_scenario(v, scenario);
    synfin_scenario_free(scenario);
    return status;
}

int scenario_inputs(const struct scenario_file *file, scenario_input *input, void *user)
{
    const struct visit v = {file, input, user};
    size_t stride = 1;
    if (visit_point(&v, SCENARIO_BASE) != 0)
        return -1;
    for (size_t a = file->axes; a-- > 0;) {
        for (size_t row = 0; row < file->axis[a].values; row++) {
            if (visit_point(&v, row * stride) != 0)
                return -1;
        }
        stride *= file->axis[a].values;
    }
    return 0;
}
