#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "net/channel.h"

namespace weir::net {

// ---- Channel

Channel::Channel(EventLoop& event_loop, int descriptor, Socket::State state)
    : loop(event_loop), fd(descriptor), may_write(state == Socket::State::established) {
  if (!loop.add(fd, *this)) broken = true;
}

Channel::~Channel() { close(); }

void Channel::close() {
  if (fd < 0) return;
  if (ssl != nullptr) {
    SSL_free(ssl);
    ssl = nullptr;
  }
  ::close(fd);
  fd = -1;
}

void Channel::on_ready(uint32_t epoll_events) {
  if (fd < 0) return;
  if (epoll_events & EPOLLIN) may_read = true;
  if (epoll_events & EPOLLOUT) may_write = true;
  if (epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_closed = may_read = true;
  if (epoll_events & (EPOLLHUP | EPOLLERR)) broken = may_write = true;
  // A TLS write may wait for a read and the other way round, so each event is offered to both.
  if (reader != nullptr && reader->attempt()) {
    reader->complete(Outcome::ready);  // may close this channel
    if (fd < 0) return;
  }
  if (writer != nullptr && writer->attempt()) {
    writer->complete(Outcome::ready);
    if (fd < 0) return;
  }
  if (peer_closed && reader == nullptr && peer_closed_callback) {
    const auto callback = std::exchange(peer_closed_callback, nullptr);
    callback();
  }
}

// ---- Transfer

Transfer::Transfer(Channel& channel, std::span<char> into, Wait wait)
    : Operation(channel.loop, wait), channel_(channel), kind_(Kind::read), into_(into) {}

Transfer::Transfer(Channel& channel, std::string_view first, std::string_view second, Wait wait)
    : Operation(channel.loop, wait), channel_(channel), kind_(Kind::write), first_(first), second_(second) {}

Transfer::Transfer(Channel& channel, Kind kind, Wait wait)
    : Operation(channel.loop, wait), channel_(channel), kind_(kind) {}

bool Transfer::await_ready() { return attempt() || already_over(); }

void Transfer::await_suspend(std::coroutine_handle<> waiter) {
  (kind_ == Kind::write || kind_ == Kind::connect ? channel_.writer : channel_.reader) = this;
  if (wait_.deadline_us != 0) patience_us_ = wait_.deadline_us - channel_.loop.now_us();
  suspend(waiter);
}

void Transfer::detach() {
  if (channel_.reader == this) channel_.reader = nullptr;
  if (channel_.writer == this) channel_.writer = nullptr;
}

IoResult Transfer::await_resume() const {
  if (outcome_ == Outcome::timed_out) return {IoStatus::timed_out, result_.bytes};
  if (outcome_ == Outcome::cancelled) return {IoStatus::cancelled, result_.bytes};
  return result_;
}

bool Transfer::attempt() {
  switch (kind_) {
    case Kind::read:
      return attempt_read();
    case Kind::write:
      return attempt_write();
    case Kind::connect:
      return attempt_connect();
    case Kind::handshake:
      return attempt_handshake();
  }
  return finish(IoStatus::failed);
}

bool Transfer::finish(IoStatus status) {
  result_.status = status;
  outcome_ = Outcome::ready;
  return true;
}

bool Transfer::attempt_read() {
  if (channel_.ssl != nullptr) {
    ERR_clear_error();
    const int got =
        SSL_read(channel_.ssl, into_.data(), static_cast<int>(std::min<std::size_t>(into_.size(), 1U << 30)));
    if (got <= 0) return fail_or_wait(got);
    result_.bytes = static_cast<std::size_t>(got);
    return finish(IoStatus::ok);
  }
  if (!channel_.may_read) return channel_.broken && finish(IoStatus::failed);
  const auto got = ::recv(channel_.fd, into_.data(), into_.size(), 0);
  if (got > 0) {
    result_.bytes = static_cast<std::size_t>(got);
    // A short read emptied the buffer: the next edge tells of more. Not so once the peer has closed: no edge follows.
    if (result_.bytes < into_.size() && !channel_.peer_closed) channel_.may_read = false;
    return finish(IoStatus::ok);
  }
  if (got == 0) return finish(IoStatus::end);
  if (errno == EINTR) return attempt_read();
  if (errno != EAGAIN) return finish(IoStatus::failed);
  channel_.may_read = false;
  return false;
}

void Transfer::advance(std::size_t bytes) {
  result_.bytes += bytes;
  const auto from_first = std::min(bytes, first_.size());
  first_.remove_prefix(from_first);
  second_.remove_prefix(bytes - from_first);
}

ssize_t Transfer::send_one(std::string_view piece) const {
  return ::send(channel_.fd, piece.data(), piece.size(), MSG_NOSIGNAL);
}

ssize_t Transfer::send_both() const {
  std::array<iovec, 2> pieces{iovec{const_cast<char*>(first_.data()), first_.size()},
                              iovec{const_cast<char*>(second_.data()), second_.size()}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(channel_.fd, &message, MSG_NOSIGNAL);
}

bool Transfer::attempt_write() {
  const auto before = result_.bytes;
  while (!first_.empty() || !second_.empty()) {
    if (channel_.ssl != nullptr) {
      ERR_clear_error();
      const auto piece = first_.empty() ? second_ : first_;
      const int sent =
          SSL_write(channel_.ssl, piece.data(), static_cast<int>(std::min<std::size_t>(piece.size(), 1U << 30)));
      if (sent <= 0) {
        if (fail_or_wait(sent)) return true;
        break;
      }
      advance(static_cast<std::size_t>(sent));
      continue;
    }
    if (!channel_.may_write) {
      if (channel_.broken) return finish(IoStatus::failed);
      break;
    }
    const auto sent = first_.empty() || second_.empty() ? send_one(first_.empty() ? second_ : first_) : send_both();
    if (sent >= 0) {
      advance(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      channel_.may_write = false;
    } else if (errno != EINTR) {
      return finish(IoStatus::failed);
    }
  }
  if (first_.empty() && second_.empty()) return finish(IoStatus::ok);
  if (result_.bytes != before && channel_.writer == this && patience_us_ > 0) {
    extend(channel_.loop.now_us() + patience_us_);
  }
  return false;
}

bool Transfer::attempt_connect() {
  if (channel_.broken || channel_.may_write) {
    int error = 0;
    socklen_t length = sizeof error;
    const bool asked = ::getsockopt(channel_.fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0;
    return finish(asked && error == 0 && !channel_.broken ? IoStatus::ok : IoStatus::failed);
  }
  return false;
}

bool Transfer::attempt_handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(channel_.ssl);
  return done == 1 ? finish(IoStatus::ok) : fail_or_wait(done);
}

// False: wait for the next edge.
bool Transfer::fail_or_wait(int ssl_result) {
  switch (SSL_get_error(channel_.ssl, ssl_result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return channel_.broken && finish(IoStatus::failed);
    case SSL_ERROR_ZERO_RETURN:
      return finish(IoStatus::end);
    default:
      channel_.tls_error = ERR_peek_last_error();
      return finish(IoStatus::failed);
  }
}

// ---- Socket

Socket::Socket(EventLoop& loop, int fd, State state) : channel_(std::make_unique<Channel>(loop, fd, state)) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on Unix sockets, which need none
}

Socket::Socket(Socket&&) noexcept = default;

Socket::~Socket() {
  if (!channel_) return;
  channel_->peer_closed_callback = nullptr;
  channel_->close();
  auto& loop = channel_->loop;
  loop.retire(std::move(channel_));
}

Transfer Socket::read_some(std::span<char> into, Wait wait) { return Transfer(*channel_, into, wait); }

Transfer Socket::write_all(std::string_view first, std::string_view second, Wait wait) {
  return Transfer(*channel_, first, second, wait);
}

Transfer Socket::connected(Wait wait) { return Transfer(*channel_, Transfer::Kind::connect, wait); }

Transfer Socket::handshake(ssl_st* ssl, Wait wait) {
  if (channel_->ssl == nullptr) {
    SSL_set_fd(ssl, channel_->fd);
  } else {
    BIO* const outer = BIO_new(BIO_f_ssl());
    BIO_set_ssl(outer, channel_->ssl, BIO_CLOSE);
    SSL_set_bio(ssl, outer, outer);
  }
  channel_->ssl = ssl;
  SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return Transfer(*channel_, Transfer::Kind::handshake, wait);
}

ssl_st* Socket::tls() const { return channel_->ssl; }

std::string Socket::tls_trouble() const {
  const char* const reason = channel_->tls_error != 0 ? ERR_reason_error_string(channel_->tls_error) : nullptr;
  return reason != nullptr ? reason : "";
}

bool Socket::met_plain_http() const { return ERR_GET_REASON(channel_->tls_error) == SSL_R_HTTP_REQUEST; }

void Socket::drop_tls() { SSL_free(std::exchange(channel_->ssl, nullptr)); }

EventLoop& Socket::loop() const { return channel_->loop; }

bool Socket::peer_closed() const { return channel_->peer_closed; }

void Socket::on_peer_closed(std::function<void()> callback) { channel_->peer_closed_callback = std::move(callback); }

bool Socket::idle_and_clean() const {
  if (channel_->peer_closed || channel_->broken) return false;
  // TLS 1.3 servers send session tickets unasked: bytes to read are no sign of trouble there.
  return channel_->ssl != nullptr || !channel_->may_read;
}

void Socket::shutdown_write() {
  if (channel_->ssl != nullptr) SSL_shutdown(channel_->ssl);
  ::shutdown(channel_->fd, SHUT_WR);
}

void Socket::abort() {
  const linger none{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(channel_->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

}  // namespace weir::net
