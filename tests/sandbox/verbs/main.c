/* Does what its first argument says; most of it is to block in one call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen, done;

static void count(int number)
{
    if (number == SIGUSR1)
        seen++;
    else
        done = number;
}

static int fail(const char *what)
{
    perror(what);
    return 3;
}

/* Count SIGUSR1 until another signal comes. */
static int count_signals(void)
{
    struct sigaction action = {.sa_handler = count};
    sigset_t all, none;

    sigfillset(&action.sa_mask);
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    while (!done)
        sigsuspend(&none);
    printf("%d %s\n", (int)seen, done == SIGUSR2 ? "USR2" : "TERM");
    return 0;
}

/* The same twice, in one process group. */
static int count_in_a_family(void)
{
    pid_t child = fork();
    int status = count_signals();

    return child > 0 && waitpid(child, NULL, 0) < 0 ? fail("waitpid") : status;
}

static int unix_socket(const char *path, struct sockaddr_un *address, int type)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strncpy(address->sun_path, path, sizeof address->sun_path - 1);
    return socket(AF_UNIX, type, 0);
}

/* Answer one message; `late` makes a second between bind() and listen() by waiting for stdin. */
static int serve(const char *path, int type, int late)
{
    struct sockaddr_un address, peer;
    socklen_t size = sizeof peer;
    char text[64] = "got ";
    ssize_t got;
    int fd = unix_socket(path, &address, type);

    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail("bind");
    if (late && read(0, text + 4, 1) < 0)
        return fail("read");
    if (type == SOCK_DGRAM) {
        got = recvfrom(fd, text + 4, 60, 0, (struct sockaddr *)&peer, &size);
        return got < 0 || sendto(fd, text, (size_t)got + 4, 0, (struct sockaddr *)&peer, size) < 0;
    }
    if (listen(fd, 1) < 0 || (fd = accept(fd, NULL, NULL)) < 0)
        return fail("accept");
    got = read(fd, text + 4, 60);
    return got < 0 || write(fd, text, (size_t)got + 4) < 0;
}

/* A child that lives on when its parent has gone, and reads the terminal. */
static int leave_an_heir(void)
{
    pid_t parent = getpid();
    char line[64];

    if (fork() > 0)
        _exit(0);
    while (getppid() == parent)
        sched_yield();
    puts("heir ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        printf("heir got %s", line);
        fflush(stdout);
    }
    return 0;
}

static int children(int number)
{
    for (int i = 0; i < number; i++)
        if (fork() == 0)
            for (;;)
                pause();
    while (wait(NULL) > 0)
        ;
    return 0;
}

/* Two children: one ends and is not waited for before standard input ends, one then ends by a
 * signal. */
static int keep_a_zombie(void)
{
    char byte;

    if (fork() == 0)
        _exit(0);
    if (fork() == 0)
        for (;;)
            pause();
    while (read(0, &byte, 1) > 0)
        ;
    while (wait(NULL) > 0)
        ;
    return 0;
}

static int block_on_a_queue(const char *call, int id)
{
    struct msgbuf_ {
        long type;
        char text[1000];
    } message = {1, ""};

    if (strcmp(call, "msgrcv") == 0)
        return msgrcv(id, &message, sizeof message.text, 0, 0) < 0;
    while (msgsnd(id, &message, sizeof message.text, 0) == 0)
        ;
    return 1;
}

static int block_on_a_posix_queue(const char *call, const char *name)
{
    char text[8192] = "";
    mqd_t queue = mq_open(name, O_RDWR);

    if (queue < 0)
        return fail("mq_open");
    if (strcmp(call, "mq-receive") == 0)
        return mq_receive(queue, text, sizeof text, NULL) < 0;
    while (mq_send(queue, text, 1, 0) == 0)
        ;
    return 1;
}

static int block_in_connect(const char *path)
{
    struct sockaddr_un address;
    int fd = unix_socket(path, &address, SOCK_STREAM);

    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 0) < 0)
        return fail("listen");
    while ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0 &&
           connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        ;
    return fail("connect");
}

static int block_on_a_socket_pair(const char *call)
{
    char byte = 'x';
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return fail("socketpair");
    if (strcmp(call, "recv") == 0)
        return recv(pair[0], &byte, 1, 0) < 0;
    if (strcmp(call, "recv-by-read") == 0)
        return read(pair[0], &byte, 1) < 0;
    while (send(pair[0], &byte, 1, 0) == 1)
        ;
    return 1;
}

static int block(const char *call, const char *object)
{
    struct sembuf take = {0, -1, 0};
    struct pollfd input = {0, POLLIN, 0};
    char byte = 'x';
    int pair[2];

    if (strcmp(call, "open") == 0)
        return open(object, O_RDONLY) < 0;
    if (strcmp(call, "read") == 0)
        return read(0, &byte, 1) < 0;
    if (strcmp(call, "write") == 0) {
        if (pipe(pair) < 0)
            return fail("pipe");
        while (write(pair[1], &byte, 1) == 1)
            ;
    }
    if (strcmp(call, "wait") == 0)
        return children(1);
    if (strcmp(call, "semop") == 0)
        return semop(atoi(object), &take, 1) < 0;
    if (strcmp(call, "sem-wait") == 0)
        return sem_wait(sem_open(object, 0)) < 0;
    if (strcmp(call, "lock") == 0)
        return flock(open(object, O_RDONLY), LOCK_EX) < 0 ||
               flock(open(object, O_RDONLY), LOCK_EX) < 0;
    if (strcmp(call, "poll") == 0)
        return poll(&input, 1, -1) < 0;
    if (strcmp(call, "signal") == 0)
        return pause() < 0;
    if (strcmp(call, "sleep") == 0)
        return sleep(1000) != 0;
    if (strncmp(call, "msg", 3) == 0)
        return block_on_a_queue(call, atoi(object));
    if (strncmp(call, "mq-", 3) == 0)
        return block_on_a_posix_queue(call, object);
    if (strcmp(call, "accept") == 0)
        return serve(object, SOCK_STREAM, 0);
    if (strcmp(call, "connect") == 0)
        return block_in_connect(object);
    return block_on_a_socket_pair(call);
}

int main(int argc, char *argv[])
{
    const char *what = argc > 1 ? argv[1] : "", *object = argc > 2 ? argv[2] : "";

    if (strcmp(what, "count") == 0)
        return count_signals();
    if (strcmp(what, "family") == 0)
        return count_in_a_family();
    if (strcmp(what, "stream") == 0)
        return serve(object, SOCK_STREAM, 0);
    if (strcmp(what, "late") == 0)
        return serve(object, SOCK_STREAM, 1);
    if (strcmp(what, "seqpacket") == 0)
        return serve(object, SOCK_SEQPACKET, 0);
    if (strcmp(what, "datagram") == 0)
        return serve(object, SOCK_DGRAM, 0);
    if (strcmp(what, "heir") == 0)
        return leave_an_heir();
    if (strcmp(what, "children") == 0)
        return children(atoi(object));
    if (strcmp(what, "zombie") == 0)
        return keep_a_zombie();
    if (strcmp(what, "nap") == 0)
        for (;;)
            usleep(2000);
    if (strcmp(what, "naps-first") == 0)
        return usleep(20000) < 0 || usleep(20000) < 0 || pause() < 0;
    if (strcmp(what, "tty") == 0)
        return printf("%d%d%d\n", isatty(0), isatty(1), isatty(2)) < 0;
    if (strcmp(what, "crash") == 0)
        return raise(SIGSEGV);
    if (strcmp(what, "spin") == 0)
        for (volatile unsigned long turns = 0; turns < 400000000; turns++)
            ;
    if (strcmp(what, "id") == 0) {
        struct semid_ds about;

        return semctl(atoi(object), 0, IPC_STAT, &about) < 0
                   ? fail("semctl")
                   : printf("%d\n", semctl(atoi(object), 0, GETVAL)) < 0;
    }
    return what[0] != '\0' && strcmp(what, "spin") != 0 ? block(what, object) : 0;
}
