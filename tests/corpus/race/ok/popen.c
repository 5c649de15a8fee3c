/* Right: popen() of a shell, and of nothing that is shared. */
#include "../u.h"

int main(void)
{
    char line[32] = "";
    int *data = shared(sizeof *data);
    *data = 1;
    FILE *in = popen("echo 42", "r");
    char *got = fgets(line, sizeof line, in);
    int status = pclose(in);
    *data = 2;
    return got == NULL || atoi(line) != 42 || status != 0 || system("exit 3") != 3 << 8;
}
