/* SPDX-License-Identifier: BSD-2-Clause */
/* A registry with the plugins of the command line and of SYNFIN_PLUGIN_PATH. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_path.h"
#include "source_text.h"

static int load(struct synfin_registry *registry, const char *option, const char *file)
{
    struct synfin_error error;
    char place[512];
    if (!synfin_registry_load(registry, file, &error))
        return 0;
    snprintf(place, sizeof place, "%s%s", option, file);
    source_text_complain(place, error.text);
    return -1;
}

static int is_shared_object(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 3 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 3, ".so");
}

/* By bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_folder(struct synfin_registry *registry, const char *folder)
{
    struct dirent **entry;
    char text[512];
    int n = scandir(folder, &entry, is_shared_object, by_name), status = 0;
    if (n < 0) {
        snprintf(text, sizeof text,
                 "the folder '%.300s' cannot be read: %s; name folders that hold plugins, separated by colons", folder,
                 strerror(errno));
        source_text_complain("SYNFIN_PLUGIN_PATH", text);
        return -1;
    }
    for (int i = 0; i < n; i++) {
        size_t room = strlen(folder) + strlen(entry[i]->d_name) + 2;
        char *file = status ? NULL : malloc(room);
        if (file) {
            snprintf(file, room, "%s/%s", folder, entry[i]->d_name);
            status = load(registry, "", file);
            free(file);
        }
        free(entry[i]);
    }
    free(entry);
    return status;
}

static int load_path(struct synfin_registry *registry, const char *path)
{
    int status = 0;
    while (*path && !status) {
        size_t n = strcspn(path, ":");
        char *folder = malloc(n + 1);
        if (!folder)
            return -1;
        memcpy(folder, path, n);
        folder[n] = '\0';
        status = n ? load_folder(registry, folder) : 0;
        free(folder);
        path += n + (path[n] == ':');
    }
    return status;
}

struct synfin_registry *plugin_path_registry(const struct options *options)
{
    struct synfin_registry *registry = synfin_registry_new();
    const char *path = getenv("SYNFIN_PLUGIN_PATH");
    int status = registry ? 0 : -1;
    if (!registry)
        source_text_complain("synfin", "there is no memory; end other programs");
    for (size_t i = 0; i < options->plugins && !status; i++)
        status = load(registry, "--plugin ", options->plugin[i]);
    if (path && !status)
        status = load_path(registry, path);
    if (!status)
        return registry;
    synfin_registry_free(registry);
    return NULL;
}
