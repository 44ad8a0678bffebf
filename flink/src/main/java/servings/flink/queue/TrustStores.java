package servings.flink.queue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import servings.flink.JobSpec;

/** The certificates that Redis is checked against: PEM, PKCS#12, or whatever else Java's key stores read. */
final class TrustStores {
  private TrustStores() {}

  /** @throws IllegalStateException when the trust store cannot be read */
  static SSLSocketFactory sockets(JobSpec.TlsSpec tls) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(tls.trustStore == null ? null : read(tls));
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException error) {
      throw new IllegalStateException("trust-store-unreadable: " + error.getMessage(), error);
    }
  }

  private static KeyStore read(JobSpec.TlsSpec tls) throws GeneralSecurityException, IOException {
    byte[] file = Base64.getDecoder().decode(tls.trustStore);
    KeyStore store = KeyStore.getInstance("PKCS12");
    String start = new String(file, 0, Math.min(file.length, 4096), StandardCharsets.ISO_8859_1);
    if (!start.contains("-----BEGIN")) {
      store.load(new ByteArrayInputStream(file), String.valueOf(tls.trustStorePassword).toCharArray());
      return store;
    }
    store.load(null, null);
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(file)))
      store.setCertificateEntry("certificate-" + store.size(), certificate);
    return store;
  }
}
