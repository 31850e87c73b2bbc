// Upload routes: the client's bytes go to a sink in pieces. While a pool thread writes one piece, the next is received.
#include <algorithm>
#include <exception>

#include "base/log.h"
#include "http_server/connection.h"

namespace berth::http_server {
namespace {

// A piece with less room than this goes out: chunk by chunk the last bytes would trickle in.
constexpr size_t kNearlyFull = 8 << 10;

}  // namespace

// Used by the I/O thread and the pool in turn: `sink` and `ended` by the job while one runs.
struct Upload {
  explicit Upload(Core& core) : slot(core) {}
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  UploadSlot slot;
  std::unique_ptr<http::UploadSink> sink;
  bool ended = false;  // the response is there
  PieceMemory::Loan loans[2];
  Buffer pieces[2];
};

void Connection::UploadThrew(Upload& upload, const char* what) {
  Exchange& ex = *exchange_;
  log::Error("http", "an upload failed",
             {{"operation", ex.match.route->operation}, {"error", what}, {"request", ex.request_id}});
  Fail(500);
  upload.sink.reset();
  upload.ended = true;
}

// On a pool thread. False: refused.
bool Connection::OpenUpload(Upload& upload) {
  Exchange& ex = *exchange_;
  try {
    auto opened = ex.match.route->upload(ex.request);
    if (auto* refusal = std::get_if<http::Response>(&opened)) {
      ex.response = std::move(*refusal);
      upload.ended = true;
    } else {
      upload.sink = std::move(std::get<std::unique_ptr<http::UploadSink>>(opened));
    }
  } catch (const std::exception& e) {
    UploadThrew(upload, e.what());
  }
  return !upload.ended;
}

// On a pool thread: one piece, and with the last one the answer.
void Connection::UploadStep(Upload& upload, Buffer& piece, bool last) {
  Exchange& ex = *exchange_;
  if (!upload.sink && !OpenUpload(upload)) return;
  try {
    if (piece.size > 0) {
      auto written = upload.sink->Write(piece.View());
      piece.size = 0;
      if (!written) {
        ex.response = upload.sink->Refuse(written.error());
        upload.ended = true;
      }
    }
    if (last && !upload.ended) {
      ex.response = upload.sink->Finish();
      upload.ended = true;
    }
    if (upload.ended) upload.sink.reset();
  } catch (const std::exception& e) {
    UploadThrew(upload, e.what());
  }
}

Task<void> Connection::RunUpload() {
  auto upload = std::make_shared<Upload>(core_);
  if (!upload->slot.admitted()) {
    FailUnread(429);
    co_return;
  }
  co_await PumpUpload(upload);
}

Task<void> Connection::PumpUpload(std::shared_ptr<Upload> upload) {
  Exchange& ex = *exchange_;
  Upload& u = *upload;
  bool started = false;
  if (ex.continue_due) {
    Pool::Job open = [this, upload] { OpenUpload(*upload); };
    started = call_.Start(std::move(open), false);
    if (!started) {
      FailUnread(503);
      co_return;
    }
    co_await call_.Join();
    if (u.ended) co_return;
    co_await SendContinue();
  }
  for (int current = 0;; current ^= 1) {
    Buffer& piece = u.pieces[current];
    BodyStatus status = BodyStatus::kLost;
    if (!lost_) status = co_await FillPiece(u, piece);
    co_await call_.Join();
    if (u.ended) co_return;
    if (status != BodyStatus::kOk) {
      if (u.sink) co_await AbandonUpload(upload, piece);
      FailBody(status);
      co_return;
    }
    const bool last = ex.body_done;
    if (!last) CarryRest(u, piece, u.pieces[current ^ 1]);
    Pool::Job step = [this, upload, &piece, last] { UploadStep(*upload, piece, last); };
    if (!call_.Start(std::move(step), started)) {
      FailUnread(503);
      co_return;
    }
    started = true;
    if (last) break;
  }
  co_await call_.Join();
}

// The client is gone or too slow. What arrived is written first: the client may ask how much is there and go on.
Task<void> Connection::AbandonUpload(std::shared_ptr<Upload> upload, Buffer& rest) {
  Pool::Job job = [this, upload, &rest] {
    try {
      if (rest.size == 0 || upload->sink->Write(rest.View())) upload->sink->Abandon();
      upload->sink.reset();
    } catch (const std::exception& e) {
      UploadThrew(*upload, e.what());
    }
  };
  call_.Start(std::move(job), true);
  co_await call_.Join();
}

// Chunked bodies fill pieces to odd sizes. A piece that others follow is whole pages, so that each begins at a page of
// the file as well and can be written past the page cache; the rest leads the next one.
void Connection::CarryRest(Upload& upload, Buffer& piece, Buffer& next) {
  const size_t rest = piece.size < Buffer::kPagedFrom ? 0 : piece.size % Buffer::kPage;
  if (rest == 0) return;
  MakeRoom(upload, next);
  piece.size -= rest;
  std::memcpy(next.data.get(), piece.data.get() + piece.size, rest);
  next.size = rest;
}

// Memory for an empty piece: as much as there is for it now, since others have come and gone meanwhile.
void Connection::MakeRoom(Upload& upload, Buffer& piece) {
  const Exchange& ex = *exchange_;
  size_t wanted = core_.options.upload_buffer_bytes;
  if (!ex.head.chunked) wanted = static_cast<size_t>(std::min<uint64_t>(wanted, ex.body_left));
  PieceMemory::Loan& loan = upload.loans[&piece - upload.pieces];
  piece = {};
  loan = {};
  if (wanted < Buffer::kPagedFrom) {
    piece.Reserve(wanted);
    return;
  }
  loan = core_.piece_memory.Take(wanted, core_.uploads.load());
  piece.Borrow(loan.data(), std::min(wanted, loan.size()));
}

// Adds to the piece until it is about full or the body ends.
Task<Connection::BodyStatus> Connection::FillPiece(Upload& upload, Buffer& piece) {
  Exchange& ex = *exchange_;
  if (ex.body_done) co_return BodyStatus::kOk;
  if (piece.size == 0) MakeRoom(upload, piece);
  const size_t enough =
      piece.capacity > 2 * kNearlyFull && ex.head.chunked ? piece.capacity - kNearlyFull : piece.capacity;
  while (!ex.body_done && piece.size < enough) {
    size_t got = 0;
    const BodyStatus status = co_await ReadBody(piece.data.get() + piece.size, piece.capacity - piece.size, got);
    piece.size += got;
    if (status != BodyStatus::kOk) co_return status;
  }
  co_return BodyStatus::kOk;
}

}  // namespace berth::http_server
