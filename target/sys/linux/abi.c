/* Nothing but compile-time checks that the seam's constants and structures are Linux's. The other
 * files of this folder pass them through on the strength of it. */
#include "wb/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

/* WB_<name> equals <name>. */
#define SAME(name)                                                                                 \
    _Static_assert((long long)(WB_##name) == (long long)(name), "WB_" #name " is not " #name)

SAME(AF_UNSPEC);
SAME(AF_UNIX);
SAME(AF_INET);
SAME(AF_INET6);

SAME(SOCK_STREAM);
SAME(SOCK_DGRAM);
SAME(SOCK_SEQPACKET);
SAME(SOCK_NONBLOCK);
SAME(SOCK_CLOEXEC);
_Static_assert((WB_SOCK_TYPE_MASK & (SOCK_NONBLOCK | SOCK_CLOEXEC)) == 0, "type mask holds a flag");
_Static_assert((SOCK_STREAM | SOCK_DGRAM | SOCK_SEQPACKET | WB_SOCK_TYPE_MASK) == WB_SOCK_TYPE_MASK,
    "type mask lacks a type");

SAME(IPPROTO_IP);
SAME(IPPROTO_TCP);
SAME(IPPROTO_UDP);
SAME(IPPROTO_IPV6);
SAME(SOL_SOCKET);

SAME(SO_REUSEADDR);
SAME(SO_TYPE);
SAME(SO_ERROR);
SAME(SO_BROADCAST);
SAME(SO_SNDBUF);
SAME(SO_RCVBUF);
SAME(SO_KEEPALIVE);
SAME(SO_OOBINLINE);
SAME(SO_LINGER);
SAME(SO_REUSEPORT);
SAME(SO_PASSCRED);
SAME(SO_PEERCRED);
SAME(SO_RCVLOWAT);
SAME(SO_ACCEPTCONN);
SAME(SO_PROTOCOL);
SAME(SO_DOMAIN);

SAME(TCP_NODELAY);
SAME(TCP_CORK);
SAME(TCP_NOTSENT_LOWAT);
SAME(TCP_KEEPIDLE);
SAME(TCP_KEEPINTVL);
SAME(TCP_KEEPCNT);
SAME(TCP_USER_TIMEOUT);
SAME(IP_TTL);
SAME(IP_MULTICAST_TTL);
SAME(IP_MULTICAST_LOOP);
SAME(IP_ADD_MEMBERSHIP);
SAME(IP_DROP_MEMBERSHIP);
SAME(IPV6_UNICAST_HOPS);
SAME(IPV6_MULTICAST_HOPS);
SAME(IPV6_MULTICAST_LOOP);
SAME(IPV6_ADD_MEMBERSHIP);
SAME(IPV6_DROP_MEMBERSHIP);
SAME(IPV6_V6ONLY);

SAME(MSG_OOB);
SAME(MSG_PEEK);
SAME(MSG_CTRUNC);
SAME(MSG_TRUNC);
SAME(MSG_DONTWAIT);
SAME(MSG_EOR);
SAME(MSG_WAITALL);
SAME(MSG_NOSIGNAL);
SAME(MSG_MORE);
SAME(MSG_WAITFORONE);
SAME(MSG_CMSG_CLOEXEC);
SAME(SCM_RIGHTS);
SAME(SCM_CREDENTIALS);

SAME(SHUT_RD);
SAME(SHUT_WR);
SAME(SHUT_RDWR);

SAME(F_GETFL);
SAME(F_SETFL);
SAME(O_NONBLOCK);
SAME(O_DIRECT);
SAME(O_CLOEXEC);
SAME(O_RDONLY);
SAME(O_WRONLY);
SAME(O_RDWR);
SAME(O_CREAT);
SAME(O_EXCL);
SAME(O_TRUNC);
SAME(O_APPEND);
SAME(O_DIRECTORY);
SAME(O_NOFOLLOW);
SAME(AT_FDCWD);
SAME(SEEK_SET);
SAME(SEEK_CUR);
SAME(SEEK_END);
SAME(DT_UNKNOWN);
SAME(DT_FIFO);
SAME(DT_CHR);
SAME(DT_DIR);
SAME(DT_REG);
SAME(DT_SOCK);
_Static_assert(IFTODT(S_IFREG) == WB_DT_REG && IFTODT(S_IFDIR) == WB_DT_DIR, "kinds of files");
_Static_assert(NAME_MAX == WB_NAME_MAX, "names");
SAME(SPLICE_F_MOVE);
SAME(SPLICE_F_NONBLOCK);
SAME(SPLICE_F_MORE);
SAME(F_SETPIPE_SZ);
SAME(F_GETPIPE_SZ);

SAME(EPOLLIN);
SAME(EPOLLPRI);
SAME(EPOLLOUT);
SAME(EPOLLERR);
SAME(EPOLLHUP);
SAME(EPOLLRDNORM);
SAME(EPOLLRDBAND);
SAME(EPOLLWRNORM);
SAME(EPOLLWRBAND);
SAME(EPOLLRDHUP);
SAME(EPOLLEXCLUSIVE);
SAME(EPOLLWAKEUP);
SAME(EPOLLONESHOT);
SAME(EPOLLET);
SAME(EPOLL_CTL_ADD);
SAME(EPOLL_CTL_DEL);
SAME(EPOLL_CTL_MOD);
SAME(EPOLL_CLOEXEC);

/* poll() speaks the same bits. */
_Static_assert(WB_EPOLLIN == POLLIN && WB_EPOLLPRI == POLLPRI && WB_EPOLLOUT == POLLOUT, "poll");
_Static_assert(WB_EPOLLERR == POLLERR && WB_EPOLLHUP == POLLHUP, "poll");
_Static_assert(WB_EPOLLRDHUP == POLLRDHUP, "poll");

SAME(EFD_SEMAPHORE);
SAME(EFD_NONBLOCK);
SAME(EFD_CLOEXEC);
_Static_assert((int)SFD_NONBLOCK == (int)WB_EFD_NONBLOCK, "signalfd flags");
_Static_assert((int)SFD_CLOEXEC == (int)WB_EFD_CLOEXEC, "signalfd flags");

SAME(TFD_TIMER_ABSTIME);
SAME(TFD_NONBLOCK);
SAME(TFD_CLOEXEC);

SAME(SIGINT);
SAME(SIGTERM);

SAME(CLOCK_REALTIME);
SAME(CLOCK_MONOTONIC);

#define SAME_SIZE(ours, theirs)                                                                    \
    _Static_assert(sizeof(ours) == sizeof(theirs), #ours " has not the size of " #theirs);         \
    _Static_assert(_Alignof(ours) <= _Alignof(theirs), #ours " is aligned more than " #theirs)
#define SAME_FIELD(ours, our_field, theirs, their_field)                                           \
    _Static_assert(offsetof(ours, our_field) == offsetof(theirs, their_field)                      \
                       && sizeof(((ours *)0)->our_field) == sizeof(((theirs *)0)->their_field),    \
        #ours "." #our_field " is not " #theirs "." #their_field)

SAME_SIZE(struct wb_iovec, struct iovec);
SAME_FIELD(struct wb_iovec, base, struct iovec, iov_base);
SAME_FIELD(struct wb_iovec, len, struct iovec, iov_len);

SAME_SIZE(struct wb_sockaddr_in, struct sockaddr_in);
SAME_FIELD(struct wb_sockaddr_in, family, struct sockaddr_in, sin_family);
SAME_FIELD(struct wb_sockaddr_in, port_be, struct sockaddr_in, sin_port);
SAME_FIELD(struct wb_sockaddr_in, addr, struct sockaddr_in, sin_addr);

SAME_SIZE(struct wb_sockaddr_in6, struct sockaddr_in6);
SAME_FIELD(struct wb_sockaddr_in6, family, struct sockaddr_in6, sin6_family);
SAME_FIELD(struct wb_sockaddr_in6, port_be, struct sockaddr_in6, sin6_port);
SAME_FIELD(struct wb_sockaddr_in6, flowinfo, struct sockaddr_in6, sin6_flowinfo);
SAME_FIELD(struct wb_sockaddr_in6, addr, struct sockaddr_in6, sin6_addr);
SAME_FIELD(struct wb_sockaddr_in6, scope_id, struct sockaddr_in6, sin6_scope_id);

SAME_SIZE(struct wb_sockaddr_un, struct sockaddr_un);
SAME_FIELD(struct wb_sockaddr_un, family, struct sockaddr_un, sun_family);
SAME_FIELD(struct wb_sockaddr_un, path, struct sockaddr_un, sun_path);

SAME_SIZE(struct wb_sockaddr, struct sockaddr_storage);
SAME_FIELD(struct wb_sockaddr, family, struct sockaddr_storage, ss_family);

SAME_SIZE(struct wb_msghdr, struct msghdr);
SAME_FIELD(struct wb_msghdr, name, struct msghdr, msg_name);
SAME_FIELD(struct wb_msghdr, name_len, struct msghdr, msg_namelen);
SAME_FIELD(struct wb_msghdr, iov, struct msghdr, msg_iov);
SAME_FIELD(struct wb_msghdr, iov_len, struct msghdr, msg_iovlen);
SAME_FIELD(struct wb_msghdr, control, struct msghdr, msg_control);
SAME_FIELD(struct wb_msghdr, control_len, struct msghdr, msg_controllen);
SAME_FIELD(struct wb_msghdr, flags, struct msghdr, msg_flags);

SAME_SIZE(struct wb_mmsghdr, struct mmsghdr);
SAME_FIELD(struct wb_mmsghdr, hdr, struct mmsghdr, msg_hdr);
SAME_FIELD(struct wb_mmsghdr, len, struct mmsghdr, msg_len);

SAME_SIZE(struct wb_cmsghdr, struct cmsghdr);
SAME_FIELD(struct wb_cmsghdr, len, struct cmsghdr, cmsg_len);
SAME_FIELD(struct wb_cmsghdr, level, struct cmsghdr, cmsg_level);
SAME_FIELD(struct wb_cmsghdr, type, struct cmsghdr, cmsg_type);
_Static_assert(WB_CMSG_LEN(5) == CMSG_LEN(5) && WB_CMSG_SPACE(5) == CMSG_SPACE(5), "cmsg");

SAME_SIZE(struct wb_ucred, struct ucred);
SAME_FIELD(struct wb_ucred, pid, struct ucred, pid);
SAME_FIELD(struct wb_ucred, uid, struct ucred, uid);
SAME_FIELD(struct wb_ucred, gid, struct ucred, gid);

SAME_SIZE(struct wb_ip_mreq, struct ip_mreq);
SAME_FIELD(struct wb_ip_mreq, group, struct ip_mreq, imr_multiaddr);
SAME_FIELD(struct wb_ip_mreq, interface, struct ip_mreq, imr_interface);
SAME_SIZE(struct wb_ipv6_mreq, struct ipv6_mreq);
SAME_FIELD(struct wb_ipv6_mreq, group, struct ipv6_mreq, ipv6mr_multiaddr);
SAME_FIELD(struct wb_ipv6_mreq, interface_index, struct ipv6_mreq, ipv6mr_interface);

SAME_SIZE(struct wb_timespec, struct timespec);
SAME_FIELD(struct wb_timespec, sec, struct timespec, tv_sec);
SAME_FIELD(struct wb_timespec, nsec, struct timespec, tv_nsec);
SAME_SIZE(struct wb_itimerspec, struct itimerspec);
SAME_FIELD(struct wb_itimerspec, interval, struct itimerspec, it_interval);
SAME_FIELD(struct wb_itimerspec, value, struct itimerspec, it_value);
_Static_assert(sizeof(struct wb_fd_set) == sizeof(fd_set), "fd_set");

SAME_SIZE(struct wb_linger, struct linger);
SAME_FIELD(struct wb_linger, onoff, struct linger, l_onoff);
SAME_FIELD(struct wb_linger, seconds, struct linger, l_linger);

SAME_SIZE(struct wb_epoll_event, struct epoll_event);
SAME_FIELD(struct wb_epoll_event, events, struct epoll_event, events);
SAME_FIELD(struct wb_epoll_event, data, struct epoll_event, data);

SAME_SIZE(struct wb_pollfd, struct pollfd);
SAME_FIELD(struct wb_pollfd, fd, struct pollfd, fd);
SAME_FIELD(struct wb_pollfd, events, struct pollfd, events);
SAME_FIELD(struct wb_pollfd, revents, struct pollfd, revents);

SAME_SIZE(struct wb_signalfd_siginfo, struct signalfd_siginfo);
SAME_FIELD(struct wb_signalfd_siginfo, signo, struct signalfd_siginfo, ssi_signo);

/* What the operations' parameters carry. */
_Static_assert(sizeof(socklen_t) == sizeof(uint32_t), "address lengths");
_Static_assert(sizeof(ssize_t) == sizeof(int64_t), "byte counts");
_Static_assert(sizeof(time_t) == sizeof(int64_t), "seconds");
_Static_assert(sizeof(off_t) == sizeof(int64_t), "offsets");
