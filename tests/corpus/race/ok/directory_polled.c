/* Right: readdir() until the name is there. */
#include "../u.h"
#include <dirent.h>

int main(void)
{
    int *n = shared(4096);
    char d[] = "/tmp/dpXXXXXX";
    if (!mkdtemp(d))
        return 3;
    char p[64];
    snprintf(p, sizeof p, "%s/x", d);
    if (fork() == 0) {
        *n = 3;
        int f = open(p, O_CREAT | O_WRONLY, 0600);
        close(f);
        _exit(0);
    }
    for (int found = 0; !found;) {
        DIR *s = opendir(d);
        struct dirent *e;
        while ((e = readdir(s)))
            if (e->d_name[0] == 'x')
                found = 1;
        closedir(s);
    }
    int r = *n != 3;
    *n = 4;
    int k = reap();
    unlink(p);
    rmdir(d);
    return r || k;
}
