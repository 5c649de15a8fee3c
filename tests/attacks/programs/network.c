/* Reaches for services of the host and of the world: IPv4, IPv6, raw and packet sockets, abstract
 * names.
 *
 * @row network
 */
#include "attack.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/un.h>

static void connects(const char *address, int port, int type)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, type, 0);

    inet_pton(AF_INET, address, &to.sin_addr);
    if (type == SOCK_DGRAM)
        held(fd == -1 || sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == -1, address);
    else
        held(fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof to) == -1, address);
    if (fd != -1)
        close(fd);
}

static void names(const char *name, size_t length)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(to.sun_path, name, length);
    held(fd == -1 || connect(fd, (struct sockaddr *)&to,
                             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == -1,
         "a socket of the host");
    if (fd != -1)
        close(fd);
}

int main(void)
{
    static const char *const everywhere[] = {"8.8.8.8",   "1.1.1.1",        "169.254.169.254",
                                             "10.0.0.1",  "172.17.0.1",     "192.168.0.1",
                                             "224.0.0.1", "255.255.255.255"};
    static const char docker[] = "/var/run/docker.sock", dbus[] = "/run/dbus/system_bus_socket";
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
    struct ifreq request = {.ifr_flags = IFF_UP};

    connects("127.0.0.1", PORT, SOCK_STREAM);
    connects("127.0.0.1", 2375, SOCK_STREAM);
    connects("127.0.0.1", 22, SOCK_STREAM);
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        connects(everywhere[i], 53, SOCK_DGRAM);
        connects(everywhere[i], 80, SOCK_STREAM);
    }
    names("\0" TAG "-host", sizeof TAG "-host");
    names("/tmp/" TAG "-host", sizeof "/tmp/" TAG "-host");
    names(docker, sizeof docker);
    names(dbus, sizeof dbus);
    inet_pton(AF_INET6, "2001:4860:4860::8888", &six.sin6_addr);
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    held(fd == -1 || sendto(fd, "x", 1, 0, (struct sockaddr *)&six, sizeof six) == -1, "IPv6");
    refused(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "a raw socket");
    refused(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), "a raw socket of any protocol");
    fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    struct sockaddr_in ping = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    held(fd == -1 ||
             sendto(fd, "\10\0\0\0\0\0\0\0", 8, 0, (struct sockaddr *)&ping, sizeof ping) == -1,
         "a ping");
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    strcpy(request.ifr_name, "lo");
    held(fd == -1 || ioctl(fd, SIOCSIFFLAGS, &request) == -1, "setting an interface up");
    return done();
}
