#include "registry/hash_aside.h"

namespace berth::registry {

class HashAside::Offer {
 public:
  Offer(HashAside& aside, Piece& piece) : aside_(aside), piece_(piece) {
    {
      const std::lock_guard lock(aside_.mutex_);
      if (aside_.piece_ != nullptr) return;
      aside_.piece_ = &piece_;
    }
    pending_ = true;
    aside_.offered_.notify_one();
  }
  ~Offer() { Settle(); }
  Offer(const Offer&) = delete;
  Offer& operator=(const Offer&) = delete;

  // True: the piece has been hashed. False: it is the caller's to hash.
  bool Settle() {
    if (!pending_) return false;
    pending_ = false;
    std::unique_lock lock(aside_.mutex_);
    if (piece_.begun) {
      aside_.done_.wait(lock, [this] { return piece_.done; });
      return true;
    }
    aside_.piece_ = nullptr;
    return false;
  }

 private:
  HashAside& aside_;
  Piece& piece_;
  bool pending_ = false;
};

HashAside::HashAside() : thread_([this] { Work(); }) {}

HashAside::~HashAside() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  offered_.notify_one();
  thread_.join();
}

Result<void> HashAside::Run(Hasher& hasher, std::string_view bytes, FunctionRef<Result<void>()> write) {
  Piece piece{.hasher = hasher, .bytes = bytes};
  Offer offer(*this, piece);
  auto written = write();
  if (!offer.Settle()) hasher.Update(bytes);
  return written;
}

void HashAside::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    offered_.wait(lock, [this] { return stop_ || piece_ != nullptr; });
    if (piece_ == nullptr) return;
    Piece& piece = *piece_;
    piece.begun = true;
    lock.unlock();
    piece.hasher.Update(piece.bytes);
    lock.lock();
    piece.done = true;
    piece_ = nullptr;
    done_.notify_all();
  }
}

}  // namespace berth::registry
