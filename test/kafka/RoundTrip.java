import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The Java client as the other end: BROKERS, then for each codec CODEC=READ_TOPIC=WRITE_TOPIC. Prints what stands in
 * partition 0 of every READ_TOPIC as "codec value", and writes the same values to WRITE_TOPIC compressed with the codec.
 */
public class RoundTrip {
    public static void main(String[] args) {
        for (int i = 1; i < args.length; i++) {
            String[] parts = args[i].split("=");
            copy(args[0], parts[0], parts[1], parts[2]);
        }
    }

    private static void copy(String brokers, String codec, String from, String to) {
        Properties reading = new Properties();
        reading.putAll(Map.of("bootstrap.servers", brokers, "check.crcs", "true"));
        Properties writing = new Properties();
        writing.putAll(Map.of("bootstrap.servers", brokers, "compression.type", codec, "linger.ms", "500"));
        var text = new StringDeserializer();
        try (var consumer = new KafkaConsumer<String, String>(reading, text, text);
                var producer = new KafkaProducer<String, String>(writing, new StringSerializer(), new StringSerializer())) {
            var partition = new TopicPartition(from, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    System.out.println(codec + " " + record.value());
                    producer.send(new ProducerRecord<>(to, 0, null, record.value()));
                }
            }
            producer.flush();
        }
    }
}
