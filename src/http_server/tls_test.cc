// The same over TLS.
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "http_server/test_client.h"

namespace berth::http_server {
namespace {

using http::Method;
using http::Request;
using http::Response;
using http::UploadSink;

// A certificate that signs itself, written as PEM.
void WriteCertificate(const std::string& name, const TlsFiles& files) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, subject);
  X509_sign(certificate, key, EVP_sha256());
  FILE* out = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(out, certificate);
  std::fclose(out);
  out = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

class Adding final : public UploadSink {
 public:
  Result<void> Write(std::string_view bytes) override {
    for (const char c : bytes) sum_ = sum_ * 31 + static_cast<unsigned char>(c);
    return {};
  }
  Response Finish() override { return Response::Text(201, std::to_string(sum_)); }
  Response Refuse(const Error& error) override { return Response::Text(500, error.message); }
  void Abandon() override {}
  static uint64_t Sum(std::string_view bytes) {
    Adding adding;
    (void)adding.Write(bytes);
    return adding.sum_;
  }

 private:
  uint64_t sum_ = 0;
};

class TlsTest : public ServerFixture {
 protected:
  TlsTest() : folder_(std::filesystem::temp_directory_path() / ("berth-tls-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    files_ = {folder_ / "cert.pem", folder_ / "key.pem"};
    WriteCertificate("first", files_);
    options.tls = files_;
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 13 + i / 999);
    Add(Method::kGet, "/data", [this](const Request& r) {
      Response response;
      response.body = r.query == "shared" ? http::Body(std::make_shared<const std::string>(data)) : http::Body(data);
      return response;
    });
    Add(Method::kGet, "/file", [this](const Request&) {
      Response response;
      FILE* file = std::tmpfile();
      std::fwrite(data.data(), 1, data.size(), file);
      std::fflush(file);
      response.body = http::FileSlice{std::shared_ptr<const void>(file, [file](const void*) { std::fclose(file); }),
                                      fileno(file), 3, data.size() - 3};
      return response;
    });
    Add(Method::kGet, "/who", [](const Request& r) { return Response::Text(200, r.BaseUrl()); });
    AddUpload("/up", [](const Request&) -> std::variant<std::unique_ptr<UploadSink>, Response> {
      return std::make_unique<Adding>();
    });
    context_ = SSL_CTX_new(TLS_client_method());
  }
  ~TlsTest() override {
    SSL_CTX_free(context_);
    std::filesystem::remove_all(folder_);
  }
  std::unique_ptr<Client> Connect() {
    auto client = std::make_unique<Client>(port);
    client->StartTls(context_);
    return client;
  }
  std::string CertificateName(Client& client) {
    X509* certificate = SSL_get1_peer_certificate(client.ssl());
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
  }

  std::filesystem::path folder_;
  TlsFiles files_;
  SSL_CTX* context_ = nullptr;
  std::string data = std::string(3'000'000, '\0');
};

TEST_F(TlsTest, AllKindsOfBodies) {
  Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    const auto client = Connect();
    EXPECT_EQ(client->Get("/who").body, "https://test.example");
    EXPECT_TRUE(client->Get("/data").body == data);
    EXPECT_TRUE(client->Get("/data?shared").body == data);
    EXPECT_TRUE(client->Get("/file").body == data.substr(3));
    client->Send("PUT /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(data.size()) + "\r\n\r\n" + data);
    EXPECT_EQ(client->Read().body, std::to_string(Adding::Sum(data)));
    client->Send(
        "PUT /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /who "
        "HTTP/1.1\r\nHost: b\r\n\r\n");
    EXPECT_EQ(client->Read().body, std::to_string(Adding::Sum("hello")));
    EXPECT_EQ(client->Read().body, "https://b");
  }
}

TEST_F(TlsTest, SlowReader) {
  Start();
  const auto client = Connect();
  client->Send("GET /data HTTP/1.1\r\nHost: a\r\n\r\nGET /file HTTP/1.1\r\nHost: a\r\n\r\n");
  ::usleep(300'000);
  EXPECT_TRUE(client->Read().body == data);
  ::usleep(300'000);
  EXPECT_TRUE(client->Read().body == data.substr(3));
}

TEST_F(TlsTest, AlpnAndOldVersions) {
  Start();
  SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  const auto client = Connect();
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(client->ssl(), &chosen, &length);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), length), "http/1.1");

  const auto handshake = [&](SSL_CTX* context) {
    Client other(port);
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, other.fd());
    const bool connected = SSL_connect(ssl) == 1;
    SSL_free(ssl);
    return connected;
  };
  SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  EXPECT_FALSE(handshake(context_));
  SSL_CTX_set_alpn_protos(context_, nullptr, 0);
  EXPECT_TRUE(handshake(context_));
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_max_proto_version(context_, TLS1_1_VERSION);
  EXPECT_FALSE(handshake(context_));
}

TEST_F(TlsTest, PlainHttpIsToldSo) {
  Start();
  Client client(port);
  EXPECT_EQ(client.Get("/who").status, 400);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(TlsTest, ReloadKeepsTheOldOnError) {
  Start();
  const auto before = Connect();
  EXPECT_EQ(CertificateName(*before), "first");
  WriteCertificate("second", files_);
  ASSERT_TRUE(server->ReloadTls().has_value());
  EXPECT_EQ(CertificateName(*Connect()), "second");
  EXPECT_EQ(before->Get("/who").status, 200);
  std::ofstream(files_.certificate) << "rubbish";
  const auto bad = server->ReloadTls();
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().message.find("cert.pem"), std::string::npos);
  EXPECT_EQ(CertificateName(*Connect()), "second");
}

TEST_F(TlsTest, HandshakesMayStallOrBreak) {
  options.head_timeout = std::chrono::seconds(1);
  Start();
  Client silent(port);
  Client rubbish(port);
  rubbish.Send(std::string("\x16\x03\x01\x00\x05hello", 10));
  rubbish.ReadToEnd();  // an alert, then the end
  EXPECT_TRUE(silent.AtEnd());
  EXPECT_EQ(Connect()->Get("/who").status, 200);
}

TEST_F(TlsTest, MissingFiles) {
  options.tls->key = folder_ / "none.pem";
  const auto started = MakeServer(options, router, {})->Start();
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().message.find("none.pem"), std::string::npos);
}

}  // namespace
}  // namespace berth::http_server
