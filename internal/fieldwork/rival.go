package fieldwork

import (
	"context"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/store"
)

// workOut works out what a post comes to. Where it was given before the last
// save, or meets an answer of another device, the history decides which answers
// count; hardly any post is such a one.
func (s *Service) workOut(ctx context.Context, now time.Time, v *Visit, post interview.Post, key string) (interview.Result, error) {
	if late := now.Before(v.Interview.LastAt); !late || v.Staff {
		res := v.Logic.Post(v.Doc, post, now)
		if !res.Met || v.Staff {
			return res, nil
		}
	}
	var history []store.Save
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		history, err = tx.Saves(v.Interview.ID)
		return err
	})
	if err != nil {
		return interview.Result{}, err
	}
	post.Rivals = rivals(history, key, now)
	return v.Logic.Post(v.Doc, post, now), nil
}

// rivals gives what a save under a key, given at a time, finds at each answer:
// the save that gave it last. Saves of one queue come in their order, whatever
// the clock of its device says.
func rivals(history []store.Save, key string, at time.Time) map[string]interview.Rival {
	out := map[string]interview.Rival{}
	queue, number := queued(key)
	for _, save := range history {
		newer := save.At.After(at)
		if other, n := queued(save.Key); queue != "" && other == queue {
			newer = n > number
		}
		for name := range save.Change.Answers {
			out[name] = interview.Rival{At: save.At, Device: save.Change.Device, Newer: newer}
		}
	}
	return out
}

// queued reads the key of a save that a queue of the browser sent, "QUEUE-NUMBER";
// "" for any other.
func queued(key string) (queue string, number int) {
	queue, rest, _ := strings.Cut(key, "-")
	number, err := strconv.Atoi(rest)
	if err != nil {
		return "", 0
	}
	return queue, number
}

// QueueKey tells whether a text can be the key of a save of a queue: so many
// letters and digits at most, a hyphen, and a number from 1 that a 32-bit count holds.
func QueueKey(id string) bool {
	queue, number := queued(id)
	if queue == "" || len(queue) > 40 || number < 1 || number > 1<<31-1 || id != queue+"-"+strconv.Itoa(number) {
		return false
	}
	return !strings.ContainsFunc(queue, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}
