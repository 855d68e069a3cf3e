//! The ffmpeg command line. Pure.

use std::time::Duration;

use crate::Config;

/// Longest distance of key frames in frames: out of reach, for key frames are asked for by time.
const NEVER: &str = "1000000000";

/// Arguments of one encoder: Matroska on standard input; MPEG-TS segments `<stem>_<number>.ts` in the working
/// directory, and the same access units as FLV on standard output.
///
/// `tee` serves its outputs in this order: when a key frame appears on standard output, the segment that it ended is
/// complete. The first frame is shown at `offset`, where the life before ended.
///
/// Names are relative and made of our own words, so that no path can be taken for a pattern or a protocol.
pub(crate) fn arguments(config: &Config, stem: &str, offset: Duration) -> Vec<String> {
    let segment_s = config.segment.as_secs_f64();
    let threads = config.threads.to_string();
    let crf = config.crf.to_string();
    let key_frames = format!("expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{segment_s}))");
    let offset_s = format!("{}.{:06}", offset.as_secs(), offset.subsec_micros());
    let mut arguments = Vec::new();
    let mut add = |words: &[&str]| arguments.extend(words.iter().map(|word| (*word).to_owned()));

    add(&["-hide_banner", "-loglevel", "warning", "-nostdin"]);
    // Without these two nothing comes out for seconds. Never `-fflags nobuffer`: it loses the first frame.
    add(&["-probesize", "32", "-analyzeduration", "0"]);
    add(&["-f", "matroska", "-i", "pipe:0", "-map", "0:v", "-an"]);
    // A frame in is a frame out, at its own time: no duplicates, no drops.
    add(&["-fps_mode", "passthrough", "-enc_time_base", "1:90000"]);
    add(&[
        "-c:v",
        "libx264",
        "-preset",
        &config.preset,
        "-tune",
        "zerolatency",
    ]);
    add(&["-profile:v", "baseline", "-crf", &crf, "-threads", &threads]);
    if let Some(kbps) = config.max_kbps {
        let rate = format!("{kbps}k");
        add(&["-maxrate", &rate, "-bufsize", &rate]);
    }
    // Pictures arrive as full-range I420: tagged as such all grey levels survive.
    add(&[
        "-pix_fmt",
        "yuv420p",
        "-color_range",
        "pc",
        "-colorspace",
        "bt709",
    ]);
    add(&["-color_primaries", "bt709", "-color_trc", "bt709"]);
    // Relative to the last key frame, not to a grid: after a hole a grid forces one key frame per missed second.
    add(&[
        "-force_key_frames",
        &key_frames,
        "-g",
        NEVER,
        "-sc_threshold",
        "0",
    ]);
    // FLV has the parameter sets once, before the first frame; the other muxer puts them before every key frame.
    add(&["-flags:v", "+global_header", "-output_ts_offset", &offset_s]);
    add(&["-f", "tee", &outputs(stem)]);
    arguments
}

/// What `tee` writes to: the HLS muxer, then standard output.
fn outputs(stem: &str) -> String {
    // A segment ends at every key frame, whatever its length. Nobody reads ffmpeg's own playlist, so it is short; it
    // deletes nothing. Players that do not know EXT-X-DISCONTINUITY (those built on ffmpeg) take a packet counter that
    // starts again for damage.
    let hls = format!(
        "f=hls:hls_time=0.001:hls_list_size=2:hls_segment_filename={stem}_%d.ts:\
         hls_segment_options=mpegts_flags=+initial_discontinuity"
    );
    // Every frame is passed on at once.
    let flv = "f=flv:flvflags=no_duration_filesize:flush_packets=1";
    format!("[{hls}]{}|[{flv}]pipe:1", playlist_name(stem))
}

/// Name of segment `number` of the life `stem`.
pub(crate) fn segment_name(stem: &str, number: u64) -> String {
    format!("{stem}_{number}.ts")
}

/// Name of the playlist that ffmpeg cannot be kept from writing.
pub(crate) fn playlist_name(stem: &str) -> String {
    format!("{stem}.m3u8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &Config, expected: &str) {
        assert_eq!(
            arguments(config, "run1_0_7", Duration::from_micros(61_000_005)).join(" "),
            expected
        );
    }

    #[test]
    fn the_default_command_is_as_documented() {
        check(
            &Config::new("/tmp", "run1"),
            "-hide_banner -loglevel warning -nostdin -probesize 32 -analyzeduration 0 -f matroska -i pipe:0 \
             -map 0:v -an -fps_mode passthrough -enc_time_base 1:90000 -c:v libx264 -preset ultrafast \
             -tune zerolatency -profile:v baseline -crf 20 -threads 1 -pix_fmt yuv420p -color_range pc \
             -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
             -force_key_frames expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1)) -g 1000000000 \
             -sc_threshold 0 -flags:v +global_header -output_ts_offset 61.000005 -f tee \
             [f=hls:hls_time=0.001:hls_list_size=2:hls_segment_filename=run1_0_7_%d.ts:\
             hls_segment_options=mpegts_flags=+initial_discontinuity]run1_0_7.m3u8|\
             [f=flv:flvflags=no_duration_filesize:flush_packets=1]pipe:1",
        );
    }

    #[test]
    fn knobs_reach_the_command() {
        let mut config = Config::new("/tmp", "run1");
        config.segment = Duration::from_millis(500);
        config.max_kbps = Some(4000);
        config.preset = "veryfast".into();
        let line = arguments(&config, "x", Duration::ZERO).join(" ");
        for part in [
            "prev_forced_t+0.5)",
            "-maxrate 4000k -bufsize 4000k",
            "-preset veryfast",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
}
