// The walk of docs/api.md, with the types of openapi-typescript. Compiled strictly, then run with Node.js.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined> };

const client = createClient<paths>({
  baseUrl: process.env.URL ?? "",
  headers: { Authorization: `Bearer ${process.env.TOKEN}`, "Content-Type": "application/json" },
});

function got<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

function same<T>(found: T, expected: T): void {
  if (found !== expected) throw new Error(`${String(found)}, not ${String(expected)}`);
}

const me = got(await client.GET("/v1/me"));
const organization = got(
  await client.POST("/v1/organizations", {
    body: { name: "DailyWear Company", description: "An online clothing store" },
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  }),
);
same(organization.sys.createdBy.sys.id, me.sys.id);
const organizationId = organization.sys.id;
const space = got(
  await client.POST("/v1/organizations/{organizationId}/spaces", {
    params: { path: { organizationId } },
    body: { name: "Shopping Mall" },
  }),
);
const spaceId = space.sys.id;
const membership = got(
  await client.POST("/v1/organizations/{organizationId}/organization-memberships", {
    params: { path: { organizationId } },
    body: { email: "minji.kim@example.com", role: "MEMBER" },
  }),
);
const members = got(
  await client.GET("/v1/organizations/{organizationId}/organization-memberships", {
    params: { path: { organizationId }, query: { include: 1, limit: 1, "role[in]": "OWNER,MEMBER", order: ["-sys.createdAt"] } },
  }),
);
same(members.totalCount, 2);
same(members.items[0]?.sys.id, membership.sys.id);
const cursor = new URLSearchParams(members.links.next?.split("?")[1]).get("next") ?? "";
const rest = got(
  await client.GET("/v1/organizations/{organizationId}/organization-memberships", {
    params: { path: { organizationId }, query: { next: cursor } },
  }),
);
same(rest.items[0]?.role, "OWNER");
const roles = got(
  await client.GET("/v1/spaces/{spaceId}/space-roles", { params: { path: { spaceId }, query: { name: "Editor" } } }),
);
const userId = membership.sys.user.sys.id;
const assigned = got(
  await client.POST("/v1/spaces/{spaceId}/space-memberships", {
    params: { path: { spaceId } },
    body: {
      user: { sys: { id: userId, type: "Refer", targetType: "User" } },
      roles: [{ sys: { id: roles.items[0]?.sys.id ?? "", type: "Refer", targetType: "SpaceRole" } }],
    },
  }),
);
const access = got(
  await client.GET("/v1/spaces/{spaceId}/access", {
    params: { path: { spaceId }, query: { user: userId, map: "content", action: "Publish" } },
  }),
);
if (!("allowed" in access)) throw new Error("not a decision");
const path = { organizationId, organizationMembershipId: membership.sys.id };
const one = "/v1/organizations/{organizationId}/organization-memberships/{organizationMembershipId}";
const changed = got(
  await client.PUT(one, {
    params: { path, header: { "X-Weegloo-Version": String(membership.sys.version) } },
    body: { ...membership, role: "ADMIN" },
  }),
);
same(changed.role, "ADMIN");
const patched = await client.PATCH(one, {
  params: { path, header: { "X-Weegloo-Version": String(changed.sys.version) } },
  headers: { "Content-Type": "application/json-patch+json" },
  body: [{ op: "replace", path: "/role", value: "MEMBER" }],
});
same(got(patched).role, "MEMBER");
same(patched.response.headers.get("ETag"), 'W/"3"');
const stale = await client.PUT(one, {
  params: { path, header: { "X-Weegloo-Version": "1" } },
  body: { role: "ADMIN" },
});
same(stale.error?.sys.code, "WGL409005");
same(stale.error?.details?.currentVersion, 3);
const left = await client.DELETE("/v1/spaces/{spaceId}/space-memberships/{spaceMembershipId}", {
  params: { path: { spaceId, spaceMembershipId: assigned.sys.id } },
});
same(left.response.status, 204);
same((await client.DELETE(one, { params: { path } })).response.status, 204);
same((await client.DELETE("/v1/spaces/{spaceId}", { params: { path: { spaceId } } })).response.status, 204);
console.log("openapi-typescript: the whole walk");
