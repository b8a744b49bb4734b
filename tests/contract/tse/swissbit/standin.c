/* Stands in for libWormAPI.so: the same symbols and calling convention, none of its work. It notes each call
   in <volume>/calls.log, exports <volume>/export.tar, and answers what <volume>/answer says. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { char path[4096]; } Context;
typedef int (*Chunk)(const unsigned char *data, unsigned int size, void *any);

static FILE *in_volume(const Context *context, const char *name, const char *mode) {
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", context->path, name);
    return fopen(path, mode);
}

static int note(const Context *context, const char *what) {
    int answer = 0;
    FILE *file = in_volume(context, "calls.log", "a");
    if (file) {
        fprintf(file, "%s\n", what);
        fclose(file);
    }
    file = in_volume(context, "answer", "r");
    if (file) {
        char name[64];
        int code;
        while (fscanf(file, "%63s %d", name, &code) == 2)
            if (strncmp(name, what, strlen(name)) == 0)
                answer = code;
        fclose(file);
    }
    return answer;
}

int worm_init(Context **context, const char *volume) {
    *context = calloc(1, sizeof **context);
    strncpy((*context)->path, volume, sizeof (*context)->path - 1);
    return note(*context, "init");
}

int worm_cleanup(Context *context) {
    int answer = note(context, "cleanup");
    free(context);
    return answer;
}

int worm_user_logout(Context *context, int user) {
    char text[64];
    snprintf(text, sizeof text, "logout %d", user);
    return note(context, text);
}

int worm_user_unblock(Context *context, int user, const unsigned char *puk, int puk_size,
                      const unsigned char *pin, int pin_size, int *left) {
    char text[128];
    snprintf(text, sizeof text, "unblock %d %.*s %.*s", user, puk_size, puk, pin_size, pin);
    *left = 2;
    return note(context, text);
}

int worm_tse_decommission(Context *context) { return note(context, "decommission"); }

int worm_export_deleteStoredData(Context *context) { return note(context, "delete"); }

int worm_export_tar(Context *context, Chunk chunk, void *any) {
    unsigned char buffer[700];
    int answer = note(context, "export");
    FILE *file = in_volume(context, "export.tar", "rb");
    size_t size;
    if (!file)
        return 10;
    while (!answer && (size = fread(buffer, 1, sizeof buffer, file)) > 0)
        if (chunk(buffer, (unsigned int)size, any))
            answer = 10;
    fclose(file);
    return answer;
}
