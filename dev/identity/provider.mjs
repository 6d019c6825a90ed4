// A real OpenID provider (oidc-provider) on an ephemeral port of 127.0.0.1, whose keys can be rotated while it runs. It issues access tokens
// (RFC 9068) to the clients `acme` and `globex`, by client credentials, and puts their tenant into the claim `org.id`.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

export const audience = "https://data.example/";
const secret = "a secret of the checks";

// Returns a private JWK that signs with this algorithm.
export function makeKey(alg) {
  const [type, options] = {
    RS256: ["rsa", { modulusLength: 2048 }], PS256: ["rsa", { modulusLength: 2048 }],
    ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519", {}],
  }[alg];
  return { ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), kid: randomUUID(), alg, use: "sig" };
}

export class IdentityProvider {
  #server;
  #answer;
  fetches = 0; // of the key set

  // The first key signs; the others are only published.
  static async start(keys) {
    const provider = new IdentityProvider();
    provider.#server = createServer((request, response) => {
      if (request.url === "/jwks") ++provider.fetches;
      provider.#answer(request, response);
    });
    await new Promise((resolve) => provider.#server.listen(0, "127.0.0.1", resolve));
    provider.url = `http://127.0.0.1:${provider.#server.address().port}`;
    provider.rotate(keys);
    return provider;
  }

  rotate(keys) {
    const server = new Provider(this.url, {
      jwks: { keys },
      clients: ["acme", "globex"].map((client_id) => ({
        client_id, client_secret: secret, grant_types: ["client_credentials"], redirect_uris: [], response_types: [],
        token_endpoint_auth_method: "client_secret_post", id_token_signed_response_alg: keys[0].alg,
      })),
      enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: "read:account_daily read:account_totals", audience, accessTokenTTL: 300, accessTokenFormat: "jwt",
            jwt: { sign: { alg: keys[0].alg } },
          }),
        },
      },
      extraTokenClaims: (_, token) => ({ org: { id: token.clientId } }),
    });
    this.#answer = server.callback();
  }

  async token(client = "acme", scope = "read:account_daily read:account_totals") {
    const answer = await fetch(`${this.url}/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: client, client_secret: secret, resource: audience, scope }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`the provider answered ${answer.status} ${JSON.stringify(body)}`);
    return body.access_token;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
