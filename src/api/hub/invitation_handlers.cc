// Invitations to organizations: /v2/invites/… for those who send them, /api/berth/v1/…/invitations for those who get
// them.
#include "accounts/invitation_service.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/invite_csv.h"
#include "api/hub/mail_limit.h"
#include "api/hub/unpaged_list.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::Invitation;
using accounts::InvitationService;
using accounts::InvitationStore;

struct InviteView {
  std::string id;
  std::string inviter_username;
  std::string invitee;
  std::string org;
  std::string team;
  std::string role;
  Timestamp created_at;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(InviteView, (), (id, inviter_username, invitee, org, team, role, created_at, expires_at))

struct InviteListView {
  std::vector<InviteView> data;
};
BOOST_DESCRIBE_STRUCT(InviteListView, (), (data))

struct BulkInviteeView {
  std::string invitee;
  std::string status;
  json::Omittable<InviteView> invite;
};
BOOST_DESCRIBE_STRUCT(BulkInviteeView, (), (invitee, status, invite))

struct BulkResultView {
  std::vector<BulkInviteeView> invitees;
};
BOOST_DESCRIBE_STRUCT(BulkResultView, (), (invitees))

struct InvitationView {
  std::string id;
  OrganizationView org;
  std::string inviter;
  std::string team;
  std::string role;
  Timestamp created_at;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(InvitationView, (), (id, org, inviter, team, role, created_at, expires_at))

struct InvitationListView {
  std::vector<InvitationView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(InvitationListView, (), (items, next))

struct ListRequest {
  std::string org_name;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (org_name, page, page_size))

struct InviteIdRequest {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(InviteIdRequest, (), (id))

struct BulkRequest {
  json::Required<std::string> org;
  std::string team;
  std::string role;
  json::Required<std::vector<std::string>> invitees;
  bool dry_run = false;
};
BOOST_DESCRIBE_STRUCT(BulkRequest, (), (org, team, role, invitees, dry_run))

struct CsvRequest {
  std::string org_name;
  std::string team;
  std::string role;
  bool dry_run = false;
};
BOOST_DESCRIBE_STRUCT(CsvRequest, (), (org_name, team, role, dry_run))

struct OwnListRequest {
  std::optional<int64_t> limit;
  std::optional<int64_t> cursor;
};
BOOST_DESCRIBE_STRUCT(OwnListRequest, (), (limit, cursor))

struct OwnRequest {
  std::string invite_id;
};
BOOST_DESCRIBE_STRUCT(OwnRequest, (), (invite_id))

struct TokenRequest {
  std::string invite_token;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (invite_token))

InviteView MakeInviteView(const Invitation& i) {
  return {i.uuid,       i.inviter,   i.invitee, i.organization.name, i.team_name, std::string(i.role.name()),
          i.created_at, i.expires_at};
}

InvitationView MakeInvitationView(const Invitation& i) {
  return {i.uuid,      MakeOrganizationView(i.organization), i.inviter,
          i.team_name, std::string(i.role.name()),           i.created_at,
          i.expires_at};
}

InvitationService Service(const HubApi& api) { return {api.database, api.clock}; }

constexpr std::string_view kLinkPage = "/invitations/";

Error Missing(const char* field) { return {ErrorCode::kNotFound, "httperror 404: object not found", field}; }

Result<http::Response> ListInvites(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size, kUnpagedSize, kUnpagedSize));
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewInvitations));
  TRY(auto invitations, api.database.Read([&](sql::Connection& c) {
    return InvitationStore::List(c, organization.id, range.offset(), range.size + 1);
  }));
  return MakeUnpagedList(call.http, range, std::move(invitations), [](const std::vector<Invitation>& page) {
    InviteListView list;
    for (const Invitation& invitation : page) list.data.push_back(MakeInviteView(invitation));
    return json::Encode(list);
  });
}

// Who can't see the invitation must not learn that it is there; members see in their list who is invited.
Result<void> RequireInvitation(const HubApi& api, const Call& call, const std::string& id) {
  return api.database.Read([&](sql::Connection& c) -> Result<void> {
    TRY(const auto invitation, InvitationStore::Find(c, id));
    if (!invitation) return Fail(Missing("id"));
    const auto decide = [&](NamespaceAction action) {
      return access::DecideNamespace(c, call.caller, invitation->organization.id, invitation->organization.name,
                                     action);
    };
    TRY(const auto manages, decide(NamespaceAction::kManageInvitations));
    if (manages == access::Verdict::kAllowed) return {};
    TRY(const auto sees, decide(NamespaceAction::kViewMembers));
    if (sees != access::Verdict::kAllowed) return Fail(Missing("id"));
    return Fail(ErrorCode::kPermissionDenied, "access to the resource is forbidden");
  });
}

Result<NoContent> CancelInvite(const HubApi& api, const Call& call, const InviteIdRequest& request) {
  TRY_VOID(RequireInvitation(api, call, request.id));
  TRY_VOID(Service(api).Cancel(request.id));
  return NoContent{};
}

Result<NoContent> ResendInvite(const HubApi& api, const Call& call, const InviteIdRequest& request) {
  TRY_VOID(RequireInvitation(api, call, request.id));
  TRY_VOID(CountMail(api, "invite:" + request.id));
  TRY_VOID(Service(api).Resend(request.id, kLinkPage, call.caller.AsActor()));
  return NoContent{};
}

Result<BulkResultView> Invite(const HubApi& api, const Call& call, const accounts::Account& organization,
                              accounts::InviteRequest request) {
  if (request.role.empty()) request.role = "member";
  request.link_page = kLinkPage;
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY(const auto outcomes, Service(api).Invite(organization, request, limit, call.caller.AsActor()));
  BulkResultView result;
  for (const auto& outcome : outcomes) {
    BulkInviteeView& view = result.invitees.emplace_back();
    view.invitee = outcome.invitee;
    view.status = ToString(outcome.status);
    if (outcome.invitation) view.invite = MakeInviteView(*outcome.invitation);
  }
  return result;
}

Result<BulkResultView> BulkInvite(const HubApi& api, const Call& call, const BulkRequest& request) {
  auto organization = RequireOrganization(api, call, *request.org, NamespaceAction::kManageInvitations);
  if (!organization) {
    Error error = std::move(organization).error();
    if (error.code == ErrorCode::kNotFound) error.field = "org";
    return Fail(std::move(error));
  }
  accounts::InviteRequest wanted;
  for (const std::string& invitee : *request.invitees) wanted.invitees.push_back({.text = invitee});
  wanted.role = request.role;
  wanted.team = request.team;
  wanted.dry_run = request.dry_run;
  return Invite(api, call, *organization, std::move(wanted));
}

Result<BulkResultView> InviteFromCsv(const HubApi& api, const Call& call, const CsvRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageInvitations));
  accounts::InviteRequest wanted;
  TRY(wanted.invitees, ReadInviteCsv(call.http.body));
  wanted.role = request.role;
  wanted.team = request.team;
  wanted.dry_run = request.dry_run;
  return Invite(api, call, organization, std::move(wanted));
}

// Answering is something only the whole account does.
Result<accounts::Account> AnsweringUser(const HubApi& api, const Call& call) {
  if (call.caller.kind == accounts::CredentialKind::kPersonalToken &&
      call.caller.scope < accounts::TokenScope::kAdmin) {
    return Fail(ErrorCode::kTokenScopeTooLow, "the access token's scope does not allow this");
  }
  return OwnUser(api, call.caller);
}

Result<MembershipView> Shown(const HubApi& api, const accounts::Membership& membership, AccountId user) {
  return api.database.Read([&](sql::Connection& c) { return MakeMembershipView(c, membership, user); });
}

Result<InvitationListView> ListMyInvitations(const HubApi& api, const Call& call, const OwnListRequest& request) {
  TRY(const auto user, OwnUser(api, call.caller));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 100);
  TRY(auto invitations, api.database.Read([&](sql::Connection& c) {
    return InvitationStore::ListFor(c, user.id, user.email_verified ? user.email : "", request.cursor.value_or(0),
                                    limit + 1);
  }));
  InvitationListView list;
  if (invitations.size() > static_cast<size_t>(limit)) {
    invitations.pop_back();
    list.next = std::to_string(invitations.back().row);
  }
  for (const Invitation& invitation : invitations) list.items.push_back(MakeInvitationView(invitation));
  return list;
}

Result<MembershipView> AcceptMyInvitation(const HubApi& api, const Call& call, const OwnRequest& request) {
  TRY(const auto user, AnsweringUser(api, call));
  TRY(const auto membership, Service(api).Accept(request.invite_id, user, call.caller.AsActor()));
  return Shown(api, membership, user.id);
}

Result<NoContent> DeclineMyInvitation(const HubApi& api, const Call& call, const OwnRequest& request) {
  TRY(const auto user, AnsweringUser(api, call));
  TRY_VOID(Service(api).Decline(request.invite_id, user));
  return NoContent{};
}

Result<InvitationView> GetInvitation(const HubApi& api, const Call&, const TokenRequest& request) {
  TRY(const auto invitation, api.database.Read([&](sql::Connection& c) {
    return InvitationStore::FindByToken(c, accounts::HashSecret(request.invite_token), api.clock.Now());
  }));
  if (!invitation) return Fail(Missing("invite_token"));
  return MakeInvitationView(*invitation);
}

Result<MembershipView> AcceptInvitation(const HubApi& api, const Call& call, const TokenRequest& request) {
  TRY(const auto user, AnsweringUser(api, call));
  TRY(const auto membership, Service(api).AcceptByToken(request.invite_token, user, call.caller.AsActor()));
  return Shown(api, membership, user.id);
}

}  // namespace

void AddInvitationRoutes(OperationTable& table) {
  using http::Method;
  const std::string own = "/api/berth/v1/user/invitations";
  const std::string link = "/api/berth/v1/invitations/{invite_token}";
  table.Add(Method::kGet, "/v2/orgs/{org_name}/invites", "ListInvites", &ListInvites);
  table.Add(Method::kDelete, "/v2/invites/{id}", "CancelInvite", &CancelInvite, {.success = 204});
  table.Add(Method::kPatch, "/v2/invites/{id}/resend", "ResendInvite", &ResendInvite, {.success = 204});
  table.Add(Method::kPost, "/v2/invites/bulk", "BulkInvite", &BulkInvite, {.success = 202});
  table.Add(Method::kPost, "/api/berth/v1/orgs/{org_name}/invites/csv", "InviteFromCsv", &InviteFromCsv,
            {.success = 202, .json_body = false});
  table.Add(Method::kGet, own, "ListMyInvitations", &ListMyInvitations);
  table.Add(Method::kPost, own + "/{invite_id}/accept", "AcceptMyInvitation", &AcceptMyInvitation);
  table.Add(Method::kPost, own + "/{invite_id}/decline", "DeclineMyInvitation", &DeclineMyInvitation, {.success = 204});
  table.Add(Method::kGet, link, "GetInvitation", &GetInvitation, {.auth = Auth::kOptional});
  table.Add(Method::kPost, link + "/accept", "AcceptInvitation", &AcceptInvitation);
}

}  // namespace berth::api::hub
