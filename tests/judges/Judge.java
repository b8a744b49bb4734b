import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.PlainDSAEncoding;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/**
 * Judges TSE archives with BouncyCastle and Commons Compress; it shares no line with what it judges.
 *
 * <p>{@code Judge FILE.tar...} prints {@code ok|bad MEMBER REASON} for every log message and exits 1 if one is
 * bad or there is none. {@code Judge --changes FILE.tar} reads lines {@code OFFSET VALUE} from standard input
 * and answers each with the verdict on the archive in which that one octet has that value: {@code ok} or
 * {@code bad MEMBER REASON}.
 */
public final class Judge {
    private static final String ECDSA = "0.4.0.127.0.7.1.1.4.1.";
    private static final String ECSDSA = "0.4.0.127.0.7.1.1.4.4.";
    private static final List<Integer> ECDSA_ARCS = List.of(2, 3, 4, 5, 8, 9, 10, 11);
    private static final String TYPES = "0.4.0.127.0.7.3.7.1.";

    /** What was found out about a message before; the same octets under the same keys have the same verdict. */
    private final Map<String, String> known = new HashMap<>();

    public static void main(String[] arguments) throws IOException {
        Judge judge = new Judge();
        if (arguments.length == 2 && arguments[0].equals("--changes")) {
            judge.changes(Files.readAllBytes(Path.of(arguments[1])));
            return;
        }
        boolean good = arguments.length > 0;
        for (String name : arguments) {
            List<Verdict> verdicts = judge.archive(Files.readAllBytes(Path.of(name)));
            verdicts.forEach(System.out::println);
            good &= !verdicts.isEmpty() && verdicts.stream().allMatch(Verdict::good);
        }
        System.exit(good ? 0 : 1);
    }

    /** One message's: without a reason its signature is genuine. */
    private record Verdict(String member, String reason) {
        boolean good() {
            return reason.isEmpty();
        }

        @Override
        public String toString() {
            return good() ? "ok " + member : "bad " + member + " " + reason;
        }
    }

    private record Message(String member, byte[] content) {}

    private void changes(byte[] archive) throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ");
            byte[] changed = archive.clone();
            changed[Integer.parseInt(words[0])] = (byte) Integer.parseInt(words[1]);
            System.out.println(archive(changed).stream()
                    .filter(verdict -> !verdict.good()).map(Verdict::toString).findFirst().orElse("ok"));
        }
    }

    private List<Verdict> archive(byte[] archive) throws IOException {
        Map<String, ECPublicKeyParameters> keys = new HashMap<>();
        List<Message> messages = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (ArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                byte[] content = tar.readAllBytes();
                if (entry.getName().endsWith(".log")) {
                    messages.add(new Message(entry.getName(), content));
                } else if (entry.getName().contains("_X509")) {
                    ECPublicKeyParameters key = key(content);
                    keys.put(hex(hash(new SHA256Digest(), key.getQ().getEncoded(false))), key);
                }
            }
        }
        return messages.stream().map(message -> {
            String same = hex(hash(new SHA256Digest(), message.content())) + keys.keySet();
            String reason = known.computeIfAbsent(same, unused -> reason(message.content(), keys));
            return new Verdict(message.member(), reason);
        }).toList();
    }

    private static ECPublicKeyParameters key(byte[] certificate) throws IOException {
        Certificate parsed = Certificate.getInstance(certificate);
        return (ECPublicKeyParameters) PublicKeyFactory.createKey(parsed.getSubjectPublicKeyInfo());
    }

    private static String reason(byte[] message, Map<String, ECPublicKeyParameters> keys) {
        try {
            return verify(message, keys) ? "" : "signature";
        } catch (IOException | RuntimeException error) {
            return "unreadable: " + String.valueOf(error.getMessage()).replace('\n', ' ');
        }
    }

    /** Signed are the octets from the version up to and including the time, exactly as they are stored. */
    private static boolean verify(byte[] message, Map<String, ECPublicKeyParameters> keys) throws IOException {
        int body = body(message, 0);
        demand(message[0] == 0x30 && end(message, 0) == message.length, "not one SEQUENCE");
        List<Integer> starts = new ArrayList<>();
        for (int at = body; at < message.length; at = end(message, at)) {
            starts.add(at);
        }
        int last = starts.get(starts.size() - 1);
        int version = ASN1Integer.getInstance(element(message, starts.get(0))).intValueExact();
        demand(version == 2 || version == 3, "version " + version);
        String type = ASN1ObjectIdentifier.getInstance(element(message, starts.get(1))).getId();
        demand(type.matches(TYPES.replace(".", "\\.") + "[123]"), "type " + type);
        int algorithm = starts.stream().filter(at -> message[at] == 0x30).findFirst().orElseThrow();
        ASN1Sequence named = ASN1Sequence.getInstance(element(message, algorithm));
        demand(named.size() == 1, "algorithm with parameters");
        int serial = starts.get(starts.indexOf(algorithm) - 1);
        ECPublicKeyParameters key = keys.get(hex(octets(message, serial)));
        demand(key != null, "no certificate of this serial number");
        byte[] signed = Arrays.copyOfRange(message, body, last);
        String oid = ASN1ObjectIdentifier.getInstance(named.getObjectAt(0)).getId();
        byte[] signature = octets(message, last);
        int arc = Integer.parseInt(oid.substring(oid.lastIndexOf('.') + 1));
        if (oid.equals(ECSDSA + arc)) {
            return schnorr(digest(arc - 1), key, signed, signature);
        }
        demand(oid.equals(ECDSA + arc), "algorithm " + oid);
        return ecdsa(digest(ECDSA_ARCS.indexOf(arc)), key, signed, signature);
    }

    /** A hash by its place in TR-03111's list of algorithms. */
    private static Digest digest(int place) {
        return switch (place) {
            case 0 -> new SHA224Digest();
            case 1 -> new SHA256Digest();
            case 2 -> new SHA384Digest();
            case 3 -> new SHA512Digest();
            case 4 -> new SHA3Digest(224);
            case 5 -> new SHA3Digest(256);
            case 6 -> new SHA3Digest(384);
            case 7 -> new SHA3Digest(512);
            default -> throw new IllegalArgumentException("unknown hash");
        };
    }

    private static boolean ecdsa(Digest digest, ECPublicKeyParameters key, byte[] signed, byte[] signature)
            throws IOException {
        BigInteger[] pair = PlainDSAEncoding.INSTANCE.decode(key.getParameters().getN(), signature);
        ECDSASigner signer = new ECDSASigner();
        signer.init(false, key);
        return signer.verifySignature(hash(digest, signed), pair[0], pair[1]);
    }

    /**
     * EC-Schnorr of TR-03111: r = H(x(Q) || y(Q) || M) with Q = s*G - r*P; of a hash longer than the order its
     * leftmost bits.
     */
    private static boolean schnorr(Digest digest, ECPublicKeyParameters key, byte[] signed, byte[] signature) {
        int size = (key.getParameters().getN().bitLength() + 7) / 8;
        BigInteger order = key.getParameters().getN();
        int width = signature.length - size;
        BigInteger r = new BigInteger(1, Arrays.copyOf(signature, width));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, width, signature.length));
        demand(s.signum() > 0 && s.compareTo(order) < 0 && r.signum() > 0, "signature out of range");
        ECPoint shared = ECAlgorithms.sumOfTwoMultiplies(
                key.getParameters().getG(), s, key.getQ().negate(), r.mod(order)).normalize();
        byte[] point = shared.getEncoded(false);
        byte[] input = Arrays.copyOfRange(point, 1, point.length + signed.length);
        System.arraycopy(signed, 0, input, point.length - 1, signed.length);
        BigInteger whole = new BigInteger(1, hash(digest, input));
        int surplus = Math.max(0, 8 * digest.getDigestSize() - order.bitLength());
        return whole.shiftRight(surplus).equals(r);
    }

    private static byte[] hash(Digest digest, byte[] data) {
        byte[] out = new byte[digest.getDigestSize()];
        digest.update(data, 0, data.length);
        digest.doFinal(out, 0);
        return out;
    }

    private static ASN1Primitive element(byte[] raw, int at) throws IOException {
        return ASN1Primitive.fromByteArray(Arrays.copyOfRange(raw, at, end(raw, at)));
    }

    private static byte[] octets(byte[] raw, int at) throws IOException {
        demand(raw[at] == 0x04, "no octet string");
        return ASN1OctetString.getInstance(element(raw, at)).getOctets();
    }

    /** Offset of the content of the element at an offset. */
    private static int body(byte[] raw, int at) {
        int first = raw[at + 1] & 0xff;
        return at + 2 + (first > 0x80 ? first & 0x7f : 0);
    }

    /** Offset behind the element at an offset, of definite or indefinite length. */
    private static int end(byte[] raw, int at) {
        int body = body(raw, at);
        if ((raw[at + 1] & 0xff) == 0x80) {
            int inner = body;
            while (raw[inner] != 0 || raw[inner + 1] != 0) {
                inner = end(raw, inner);
            }
            return inner + 2;
        }
        byte[] digits = body == at + 2 ? new byte[] {raw[at + 1]} : Arrays.copyOfRange(raw, at + 2, body);
        int length = new BigInteger(1, digits).intValueExact();
        demand(length <= raw.length - body, "length beyond the end");
        return body + length;
    }

    private static String hex(byte[] raw) {
        StringBuilder text = new StringBuilder();
        for (byte octet : raw) {
            text.append(String.format("%02x", octet));
        }
        return text.toString();
    }

    private static void demand(boolean met, String otherwise) {
        if (!met) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
