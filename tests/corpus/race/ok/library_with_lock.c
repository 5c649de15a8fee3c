/* Right: functions of the C library work on shared memory, with a lock round each. */
#include "../u.h"
#include <arpa/inet.h>

typedef struct {
    sem_t lock;
    char text[64];
    int numbers[8];
    struct timespec when;
    struct tm tm;
    unsigned state;
} All;

static int compare(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

static int use(All *all)
{
    while (sem_wait(&all->lock) == -1)
        ;
    strcpy(all->text, "one,two;three");
    char *rest, *at = all->text;
    int found = strcmp(strtok_r(all->text, ",", &rest), "one") == 0;
    found += strcmp(strtok_r(NULL, ";", &rest), "two") == 0;
    found += strtok_r(NULL, ";", &rest) != NULL && strtok_r(NULL, ";", &rest) == NULL;
    strcpy(all->text, "a b");
    found += strcmp(strsep(&at, " "), "a") == 0 && strcmp(at, "b") == 0;
    strcpy(all->text, "x y");
    found += strcmp(strtok(all->text, " "), "x") == 0 && strcmp(strtok(NULL, " "), "y") == 0 &&
             strtok(NULL, " ") == NULL;
    for (int i = 0; i < 8; i++)
        all->numbers[i] = 8 - i;
    qsort(all->numbers, 8, sizeof(int), compare);
    found += all->numbers[0] == 1;
    clock_gettime(CLOCK_REALTIME, &all->when);
    found += localtime_r(&all->when.tv_sec, &all->tm) != NULL;
    found += strftime(all->text, sizeof all->text, "%H:%M", &all->tm) == 5;
    found += strcasecmp("Abc", "aBC") == 0 && strncasecmp("Abcd", "aBCx", 3) == 0;
    found += memmem("abcdef", 6, "cd", 2) != NULL && memchr("abc", 'c', 3) != NULL;
    found += strcspn("abc", "c") == 2 && strspn("aab", "a") == 2 && strpbrk("abc", "cb") != NULL;
    rand_r(&all->state);
    struct in_addr address = {htonl(0x7f000001)};
    found +=
        inet_ntop(AF_INET, &address, all->text, 64) != NULL && strcmp(all->text, "127.0.0.1") == 0;
    time_t now = time(NULL);
    found += time(&all->when.tv_sec) >= now;
    gettimeofday((struct timeval *)&all->when, NULL);
    found += mktime(&all->tm) > 0 && strtoull("12", NULL, 10) == 12;
    char *made = strndup("abc", 2);
    found += strcmp(made, "ab") == 0;
    free(made);
    sem_post(&all->lock);
    return found == 15;
}

int main(void)
{
    All *all = shared(sizeof *all);
    sem_init(&all->lock, 1, 1);
    if (fork() == 0)
        _exit(!use(all));
    int well = use(all);
    return reap() || !well;
}
