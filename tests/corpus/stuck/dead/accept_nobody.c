/* Dead: accept(), and nobody connects. */
#include "../../race/u.h"

int main(void)
{
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/sk"};
    if (bind(s, (void *)&a, sizeof a) || listen(s, 1))
        return 3;
    accept(s, NULL, NULL);
    return 0;
}
