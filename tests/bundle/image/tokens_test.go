package image

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creel-project/creel/tests/harness"
	"github.com/google/go-containerregistry/pkg/authn"
)

// identity is the token that a user got once, instead of a password.
const (
	identity      = "identity-of-ann-0123456789"
	wrongIdentity = "identity-of-nobody-0123456"
)

// tokens is a token server (distribution: docs/spec/auth/token.md, oauth.md), of which the registry knows the key.
type tokens struct {
	*httptest.Server
	key  *ecdsa.PrivateKey
	cert []byte

	mu    sync.Mutex
	given []string // how, and for what
	talks bool     // and says too much
}

// beginWithTokens begins a test whose registry wants tokens of a server.
func beginWithTokens(t *testing.T) (b *b, s *tokens) {
	b = beginWith(t, func(h *harness.H) string {
		s = serveTokens(h)
		return s.config(h)
	})
	return b, s
}

func serveTokens(h *harness.H) *tokens {
	h.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	h.Must(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	h.Must(err)
	s := &tokens{key: key, cert: cert}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	h.Cleanup(s.Close)
	return s
}

// config is what the registry has to know. The realm is a name: clients follow no registry to private addresses.
func (s *tokens) config(h *harness.H) string {
	h.WriteFile(h.Path("tokens.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert})), 0o600)
	return fmt.Sprintf("auth: {token: {realm: '%s', service: test, issuer: tests, rootcertbundle: %s}}\n", s.realm(), h.Path("tokens.pem"))
}

func (s *tokens) realm() string {
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/token"
}

func (s *tokens) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how, field := "", "token"
	user, pass, ok := r.BasicAuth()
	switch {
	case r.Method == http.MethodPost && r.PostFormValue("grant_type") == "refresh_token" && r.PostFormValue("refresh_token") == identity:
		how, field = "identity", "access_token"
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","errors":[{"code":"DENIED","message":%q}]}`, "there is no\nuser of "+r.PostFormValue("refresh_token"))
		return
	case ok && user == "ann" && pass == password:
		how = "password"
	default:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, "nobody has %s here", pass)
		return
	}
	var scopes []string
	for _, scope := range append(r.URL.Query()["scope"], r.PostFormValue("scope")) {
		scopes = append(scopes, strings.Fields(scope)...)
	}
	if s.talks {
		fmt.Fprintf(w, `{"refresh_token":%q}`, identity)
		return
	}
	s.given = append(s.given, how+" "+strings.Join(scopes, " "))
	json.NewEncoder(w).Encode(map[string]any{field: s.token(scopes), "expires_in": 300})
}

// token signs that its bearer may do what the scopes say (distribution: docs/spec/auth/jwt.md).
func (s *tokens) token(scopes []string) string {
	type access struct {
		Type    string   `json:"type"`
		Name    string   `json:"name"`
		Actions []string `json:"actions"`
	}
	list := []access{}
	for _, scope := range scopes {
		if part := strings.Split(scope, ":"); len(part) == 3 {
			list = append(list, access{part[0], part[1], strings.Split(part[2], ",")})
		}
	}
	now := time.Now().Unix()
	encode := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := encode(map[string]any{"typ": "JWT", "alg": "ES256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert)}}) + "." +
		encode(map[string]any{"iss": "tests", "sub": "ann", "aud": "test", "exp": now + 300, "nbf": now - 10, "iat": now, "jti": fmt.Sprint(len(s.given)), "access": list})
	sum := sha256.Sum256([]byte(text))
	x, y, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return ""
	}
	signature := make([]byte, 64)
	x.FillBytes(signature[:32])
	y.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// taken returns how tokens were given since.
func (s *tokens) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	given := s.given
	s.given = nil
	return given
}

func TestTokensAreGotWithAPasswordOrAnIdentityToken(t *testing.T) {
	b, s := beginWithTokens(t)
	img := b.keep(&authn.Basic{Username: "ann", Password: password})
	s.taken()
	b.helper("token", `printf '{"Username":"<token>","Secret":"`+identity+`"}\n'`)
	none := basic("00000000-0000-0000-0000-000000000000", "") // as Azure's tools write it
	for _, c := range []struct{ what, how, text string }{
		{"a password", "password", auths(authOf("ann", password))},
		{"an identity token", "identity", auths(`{"identitytoken":"` + identity + `"}`)},
		{"an identity token with a user", "identity", auths(`{"auth":"` + none + `","identitytoken":"` + identity + `"}`)},
		{"an identity token of a helper", "identity", `{"credsStore":"token"}`},
	} {
		dir, _ := b.put("config.json", c.text)
		b.both(c.what, img, "DOCKER_CONFIG="+dir)
		given := s.taken()
		if len(given) < 2 {
			t.Errorf("%s: tokens %q", c.what, given)
		}
		for _, g := range given {
			if !strings.HasPrefix(g, c.how+" repository:") {
				t.Errorf("%s: a token was got with %q", c.what, g)
			}
		}
	}
}

func TestATokenServerThatRefusesOrTalksIsToldOfInOneLine(t *testing.T) {
	b, s := beginWithTokens(t)
	img := b.keep(&authn.Basic{Username: "ann", Password: password})
	push := []string{"push", "oci:" + b.savedLayout(img), registry + "/new:1"}
	realm, err := url.Parse(s.realm())
	b.Must(err)
	for text, status := range map[string]string{
		auths(authOf("ann", wrong)):                        "401 Unauthorized",
		auths(`{"identitytoken":"` + wrongIdentity + `"}`): "400 Bad Request: DENIED: there is no user of ***",
	} {
		dir, path := b.put("config.json", text)
		for _, args := range [][]string{{"pull", registry + "/private:1"}, push} {
			b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, args...), "registry "+registry+" refuses the credentials of "+path+": ", realm.Host+"/token: "+status)
		}
	}
	s.mu.Lock()
	s.talks = true
	s.mu.Unlock()
	dir, _ := b.put("config.json", auths(authOf("ann", password)))
	for _, args := range [][]string{{"pull", registry + "/private:1"}, push} {
		b.Fails(b.secretly([]string{"DOCKER_CONFIG=" + dir}, args...), "the token server's answer has no token")
	}
}
